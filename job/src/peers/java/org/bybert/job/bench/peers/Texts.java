package org.bybert.job.bench.peers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.text.ByteTokenizer;

/** Real texts: for their lengths, and with a real checkpoint for an agreement of argmax that means something. */
final class Texts {

    private Texts() {}

    /**
     * Token ids of the first texts of a file.
     *
     * @param file {@code .jsonl} with a field text, else a text per line
     */
    static List<int[]> read(Path file, int count, Path model, ModelConfig config) throws IOException {
        ByteTokenizer tokenizer = ByBert.check(model, Map.of()).tokenizer();
        JsonMapper mapper = new JsonMapper();
        List<int[]> rows = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            String text = line;
            if (file.toString().endsWith(".jsonl")) {
                JsonNode field = mapper.readTree(line).path("text");
                if (!field.isTextual()) {
                    throw new IOException(file + ": expected a field text in every line, found " + line);
                }
                text = field.asText();
            }
            int[] ids = tokenizer.encode(text);
            if (rows.size() < count && ids.length > 0 && ids.length <= config.maxPositionEmbeddings()) {
                rows.add(ids);
            }
        }
        return rows;
    }
}
