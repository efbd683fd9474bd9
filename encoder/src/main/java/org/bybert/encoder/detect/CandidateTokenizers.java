package org.bybert.encoder.detect;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import org.bybert.encoder.checkpoint.Preset;
import org.bybert.encoder.checkpoint.Presets;
import org.bybert.encoder.checkpoint.Settings;
import org.bybert.encoder.detect.Detection.Candidate;
import org.bybert.encoder.error.ModelException;
import org.bybert.encoder.text.ByteTokenizer;

/**
 * Tokenizers that differ in what is to be detected. The ids of the special tokens, and with them those of the bytes, are
 * the model's own; where it has none, they are those that the presets of the published models infer.
 */
public final class CandidateTokenizers {

    /** The preset whose ids stand in for those of a model that has none. */
    public static final String LAYOUT = "bybert-jp-100m";

    private static final String SPECIALS = "added_tokens_decoder";
    private static final String ENCODING = "byte_encoding";
    private static final String EOS = "add_eos_token";

    private final Path file;
    private final ObjectNode values;
    private final int vocabSize;
    private final boolean inferred;
    private final String configuredEncoding;
    private final String configuredEos;

    /** @param settings of tokenizer_config.json, however incomplete */
    public CandidateTokenizers(Settings settings, int vocabSize) {
        this.file = settings.file();
        this.values = settings.values().deepCopy();
        this.vocabSize = vocabSize;
        this.inferred = !values.hasNonNull(SPECIALS);
        this.configuredEncoding = values.path(ENCODING).asText(null);
        this.configuredEos = configuredEncoding == null ? null : Boolean.toString(values.path(EOS).asBoolean());
        if (inferred) {
            Preset layout = Presets.packed().of(LAYOUT);
            for (String key : List.of(SPECIALS, "bos_token", "eos_token", "mask_token")) {
                values.set(key, layout.tokenizerJson().get(key).value());
            }
        }
    }

    /** Whether the ids are inferred, not the model's own. */
    public boolean layoutIsInferred() {
        return inferred;
    }

    boolean hasEos() {
        return values.hasNonNull("eos_token");
    }

    String configuredEncoding() {
        return configuredEncoding;
    }

    String configuredEos() {
        return configuredEos;
    }

    /** @throws ModelException where the ids do not fit the vocabulary */
    ByteTokenizer of(Candidate candidate) {
        ObjectNode json = values.deepCopy().put(ENCODING, candidate.encoding()).put(EOS, candidate.appendsEos());
        return ByteTokenizer.read(new Settings(file, json), vocabSize);
    }
}
