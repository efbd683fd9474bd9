package org.bybert.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bybert.job.Commands.Result;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The commands with a model whose files do not say how it was trained. */
class MeasuredModelTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Path RESOURCES = Commands.samples().resolveSibling("encoder/src/test/resources");

    @TempDir
    static Path folder;

    private static Path random;
    private static Path data;

    /** The small models that were really trained, and the settings that they were trained with. */
    private enum Trained {
        MIXED_RADIX("mixed-radix-no-eos", "mixed-radix", "false"),
        BIT_PREFIX("bit-prefix-eos", "bit-prefix", "true");

        private final String name;
        private final String encoding;
        private final String eos;

        Trained(String name, String encoding, String eos) {
            this.name = name;
            this.encoding = encoding;
            this.eos = eos;
        }

        private Path original() {
            return RESOURCES.resolve("trained").resolve(name);
        }

        private Path stripped() {
            return folder.resolve(name);
        }

        private List<String> explicit() {
            return List.of(
                    "--model-option",
                    "byte_encoding=" + encoding,
                    "--model-option",
                    "add_eos_token=" + eos,
                    "--model-option",
                    "add_bos_token=false");
        }

        private void assertSaid(String out) {
            String losses = "[0-9.]+ ± [0-9.]+ nats/character better";
            String end = eos.equals("true") ? losses + " than false" : "</s> was never read in training";
            assertTrue(
                    out.matches("(?s).*bybert: byte_encoding: " + encoding + ", measured: " + losses
                            + ".*bybert: add_eos_token: " + eos + ", measured: " + end + ".*"),
                    out);
        }
    }

    @BeforeAll
    static void prepare() throws IOException {
        for (Trained trained : Trained.values()) {
            strip(trained.original(), trained.original(), trained.name);
        }
        random = strip(RESOURCES.resolve("golden/utf8-bf16"), Trained.BIT_PREFIX.original(), "random");
        data = Files.writeString(folder.resolve("in.jsonl"), """
                {"id": 1, "text": "港には朝早くから漁船が出入りし、市場では競りの声が響いていた。"}
                {"id": 2, "text": "山あいの村では、秋になると柿をつるして干す。"}
                """);
    }

    private static Path strip(Path model, Path tokenizer, String name) throws IOException {
        Path copy = Files.createDirectory(folder.resolve(name));
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(model.resolve(file), copy.resolve(file));
        }
        ObjectNode json = (ObjectNode)
                MAPPER.readTree(tokenizer.resolve("tokenizer_config.json").toFile());
        json.remove(List.of("byte_encoding", "add_bos_token", "add_eos_token"));
        MAPPER.writeValue(copy.resolve("tokenizer_config.json").toFile(), json);
        return copy;
    }

    private static Result run(Path model, List<String> more, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--model", model.toString()));
        all.addAll(more);
        return Commands.run(all.toArray(String[]::new));
    }

    private static JsonNode json(Path file) throws IOException {
        return MAPPER.readTree(file.toFile());
    }

    @ParameterizedTest
    @EnumSource
    void fillMaskGivesWhatExplicitOptionsGive(Trained trained) {
        String[] command = {"fill-mask", "--text", "山あいの<mask:3>では。", "--format", "json"};
        Result measured = run(trained.stripped(), List.of(), command);
        trained.assertSaid(measured.out());
        Result explicit = run(trained.stripped(), trained.explicit(), command);
        assertFalse(explicit.out().contains("measured"), explicit.out());
        assertTrue(measured.out().endsWith(explicit.out()), measured.out());
    }

    @ParameterizedTest
    @EnumSource
    void evaluateGivesWhatExplicitOptionsGive(Trained trained) throws IOException {
        Path measured = folder.resolve("measured-" + trained.name);
        Path explicit = folder.resolve("explicit-" + trained.name);
        Result result = run(
                trained.stripped(),
                List.of(),
                "evaluate",
                "--data",
                "a=" + data,
                "--unit",
                "char",
                "--out",
                measured.toString());
        assertEquals(0, result.exit(), result.out());
        trained.assertSaid(result.out());
        assertFalse(result.out().contains("guess"), result.out());
        run(
                trained.stripped(),
                trained.explicit(),
                "evaluate",
                "--data",
                "a=" + data,
                "--unit",
                "char",
                "--out",
                explicit.toString());
        JsonNode mine = json(measured.resolve("metrics.json"));
        JsonNode theirs = json(explicit.resolve("metrics.json"));
        assertEquals(theirs.path("sets"), mine.path("sets"));
        assertTrue(
                mine.at("/sets/0/units/masked").asInt() > 0 || mine.path("sets").size() == 1);
        assertEquals(theirs.at("/settings/model_options"), mine.at("/settings/model_options"));
        assertEquals(
                "measured",
                mine.at("/settings/model_settings/add_eos_token/origin").asText());
        assertEquals(
                "command line",
                theirs.at("/settings/model_settings/add_eos_token/origin").asText());
    }

    @ParameterizedTest
    @EnumSource
    void embedGivesWhatExplicitOptionsGive(Trained trained) throws IOException {
        List<List<String>> rows = new ArrayList<>();
        for (List<String> options : List.of(List.<String>of(), trained.explicit())) {
            Path out = folder.resolve(trained.name + "-vectors" + options.size());
            Result result = run(
                    trained.stripped(),
                    options,
                    "embed",
                    "--input",
                    data.toString(),
                    "--id-column",
                    "id",
                    "--output-format",
                    "jsonl",
                    "--output",
                    out.toString());
            assertEquals(0, result.exit(), result.out());
            try (Stream<Path> files = Files.walk(out)) {
                rows.add(files.filter(file -> file.getFileName().toString().matches("[^._].*\\.json.*"))
                        .filter(file -> !file.toString().contains("_bybert"))
                        .flatMap(MeasuredModelTest::lines)
                        .sorted()
                        .toList());
            }
        }
        assertEquals(2, rows.get(0).size());
        assertEquals(rows.get(1), rows.get(0));
        JsonNode manifest = json(folder.resolve(trained.name + "-vectors0/_bybert/metrics.json"))
                .path("manifest");
        assertEquals(
                "measured", manifest.at("/model_settings/byte_encoding/origin").asText());
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void randomWeightsAreUndecidedAndAResultSaysSo() throws IOException {
        Path out = folder.resolve("random-out");
        Result evaluated =
                run(random, List.of(), "evaluate", "--data", "a=" + data, "--unit", "char", "--out", out.toString());
        assertTrue(
                evaluated
                        .out()
                        .matches("(?s).*the figures depend on a guess: add_eos_token: undecided between false, true "
                                + ".*false is used, --model-option add_eos_token=VALUE decides.*"),
                evaluated.out());
        assertTrue(json(out.resolve("metrics.json"))
                .at("/settings/model_undecided")
                .asBoolean());
        Path vectors = folder.resolve("random-vectors");
        Result stopped = run(random, List.of(), "embed", "--input", data.toString(), "--output", vectors.toString());
        assertEquals(1, stopped.exit(), stopped.out());
        assertTrue(
                stopped.out()
                        .contains("--model: how the model was trained is not clear, see above; name the values with "
                                + "--model-option, or go on with those above by --accept-undecided"),
                stopped.out());
        assertFalse(Files.exists(vectors));
    }

    @Test
    void nothingIsMeasuredWhereItIsSwitchedOffOrAllIsSaid() {
        Result off = run(Trained.BIT_PREFIX.stripped(), List.of("--no-detect"), "fill-mask", "--text", "<mask>");
        assertEquals(1, off.exit());
        assertTrue(
                off.out().contains("byte_encoding: expected one of [utf-8, mixed-radix, bit-prefix], found nothing"),
                off.out());
        Result complete = run(Path.of(Commands.model()), List.of(), "fill-mask", "--text", "<mask>");
        assertFalse(complete.out().contains("measured"), complete.out());
    }
}
