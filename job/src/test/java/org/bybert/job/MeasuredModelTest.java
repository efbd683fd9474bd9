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

/** The commands with a model whose files do not say how it was trained. */
class MeasuredModelTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Path RESOURCES = Commands.samples().resolveSibling("encoder/src/test/resources");
    private static final List<String> EXPLICIT = List.of(
            "--model-option",
            "byte_encoding=bit-prefix",
            "--model-option",
            "add_eos_token=true",
            "--model-option",
            "add_bos_token=false");

    @TempDir
    static Path folder;

    private static Path stripped;
    private static Path random;
    private static Path data;

    @BeforeAll
    static void prepare() throws IOException {
        Path trained = RESOURCES.resolve("trained/bit-prefix-eos");
        stripped = strip(trained, trained, "stripped");
        random = strip(RESOURCES.resolve("golden/utf8-bf16"), trained, "random");
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

    private static void assertSaid(String out) {
        assertTrue(
                out.matches(
                        "(?s).*bybert: byte_encoding: bit-prefix, measured: [0-9.]+ ± [0-9.]+ nats/character better.*"
                                + "bybert: add_eos_token: true, measured: [0-9.]+ ± [0-9.]+ nats/character better than false.*"),
                out);
    }

    @Test
    void fillMaskGivesWhatExplicitOptionsGive() {
        String[] command = {"fill-mask", "--text", "山あいの<mask:3>では。", "--format", "json"};
        Result measured = run(stripped, List.of(), command);
        assertSaid(measured.out());
        Result explicit = run(stripped, EXPLICIT, command);
        assertFalse(explicit.out().contains("measured"), explicit.out());
        assertTrue(measured.out().endsWith(explicit.out()), measured.out());
    }

    @Test
    void evaluateGivesWhatExplicitOptionsGive() throws IOException {
        Path measured = folder.resolve("measured");
        Path explicit = folder.resolve("explicit");
        Result result = run(
                stripped, List.of(), "evaluate", "--data", "a=" + data, "--unit", "char", "--out", measured.toString());
        assertEquals(0, result.exit(), result.out());
        assertSaid(result.out());
        assertFalse(result.out().contains("guess"), result.out());
        run(stripped, EXPLICIT, "evaluate", "--data", "a=" + data, "--unit", "char", "--out", explicit.toString());
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

    @Test
    void embedGivesWhatExplicitOptionsGive() throws IOException {
        List<List<String>> rows = new ArrayList<>();
        for (List<String> options : List.of(List.<String>of(), EXPLICIT)) {
            Path out = folder.resolve("vectors" + options.size());
            Result result = run(
                    stripped,
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
        JsonNode manifest =
                json(folder.resolve("vectors0/_bybert/metrics.json")).path("manifest");
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
        Result off = run(stripped, List.of("--no-detect"), "fill-mask", "--text", "<mask>");
        assertEquals(1, off.exit());
        assertTrue(
                off.out().contains("byte_encoding: expected one of [utf-8, mixed-radix, bit-prefix], found nothing"),
                off.out());
        Result complete = run(Path.of(Commands.model()), List.of(), "fill-mask", "--text", "<mask>");
        assertFalse(complete.out().contains("measured"), complete.out());
    }
}
