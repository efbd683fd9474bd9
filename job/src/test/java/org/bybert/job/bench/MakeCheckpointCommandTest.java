package org.bybert.job.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.bybert.job.Commands;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MakeCheckpointCommandTest {

    @TempDir
    Path folder;

    private Commands.Result make(String name, String... options) {
        String[] arguments = new String[options.length + 5];
        List<String> first =
                List.of("make-checkpoint", "--out", folder.resolve(name).toString(), "--layers", "1");
        System.arraycopy(first.toArray(), 0, arguments, 0, 5);
        System.arraycopy(options, 0, arguments, 5, options.length);
        return Commands.run(arguments);
    }

    @Test
    void whatItWritesFillsMasks() throws IOException {
        Commands.Result made = make("v2", "--preset", "bybert-jp-v2-100m", "--dtype", "f16", "--seed", "3");
        assertEquals(0, made.exit(), made.out());
        // One layer of twelve, the embeddings, the head and the last norm.
        long parameters = (113_726_208L - 2 * 288 * 768 - 768) / 12 + 2 * 288 * 768 + 768;
        String expected = String.format(Locale.ROOT, "%,d parameters in F16, random weights (seed 3)", parameters);
        assertTrue(made.out().contains(expected), made.out());
        Path model = folder.resolve("v2");
        JsonNode tokenizer =
                new JsonMapper().readTree(model.resolve("tokenizer_config.json").toFile());
        assertEquals("mixed-radix", tokenizer.path("byte_encoding").textValue());
        Commands.Result filled = Commands.run("fill-mask", "--model", model.toString(), "--text", "霧の<mask:3>");
        assertEquals(0, filled.exit(), filled.out());
        assertTrue(filled.out().contains("Decoded: 霧の"), filled.out());
    }

    @Test
    void refusesWhatItCannotWrite() throws IOException {
        Path taken = Files.createDirectory(folder.resolve("taken"));
        Files.writeString(taken.resolve("note"), "keep");
        Commands.Result refused = make("taken", "--preset", "100m");
        assertEquals(1, refused.exit());
        assertEquals(
                "bybert: --out " + taken + ": cannot be written: it exists and is not empty; name a new folder",
                refused.out().strip());
        Commands.Result below = make("taken/note/model", "--preset", "100m");
        assertEquals(1, below.exit());
        assertTrue(
                below.out().startsWith("bybert: --out ") && below.out().lines().count() == 1, below.out());
    }

    @Test
    void wrongUsageIsExitCodeTwo() {
        assertEquals(2, make("a", "--preset", "base").exit());
        assertEquals(2, make("a", "--preset", "100m", "--dtype", "int8").exit());
        assertEquals(2, make("a", "--preset", "100m", "--layers", "13").exit());
        assertEquals(2, Commands.run("make-checkpoint", "--preset", "100m").exit());
        assertEquals(
                1, make("a", "--preset", "100m", "--byte-encoding", "utf-9").exit());
        assertTrue(Files.notExists(folder.resolve("a")));
    }
}
