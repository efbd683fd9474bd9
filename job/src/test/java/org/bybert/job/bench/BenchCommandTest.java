package org.bybert.job.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bybert.encoder.checkpoint.Dtype;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.job.Main;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class BenchCommandTest {

    private static final ModelConfig TINY =
            new ModelConfig(288, 64, 96, 2, 4, 2, 16, 1e-6f, 10_000, 512, false, false, false);
    private static final List<String> FAST = List.of("--rounds", "2", "--seconds", "0.0001", "--warm-up", "0");

    @TempDir
    Path folder;

    private Path model;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void writeModel() throws IOException {
        model = folder.resolve("model");
        new RandomModel("tiny", TINY, true, "utf-8", 1, Dtype.BF16).write(model);
    }

    private int bybert(List<String> options, String... words) {
        List<String> arguments = new ArrayList<>(List.of(words));
        arguments.addAll(options);
        CommandLine command = Main.commandLine();
        command.setOut(new PrintWriter(out, true));
        command.setErr(new PrintWriter(err, true));
        return command.execute(arguments.toArray(new String[0]));
    }

    private void assertFails(String message, String... words) {
        assertEquals(2, bybert(List.of(), words), out.toString());
        assertEquals("bybert: " + message, err.toString().strip());
    }

    @Test
    void measuresACheckpointAndComparesItWithTheRunBefore() throws IOException {
        String json = folder.resolve("out.json").toString();
        assertEquals(
                0,
                bybert(FAST, "bench", "encoder", "--model", model.toString(), "--lengths", "mixed,16,8", "--out", json),
                err.toString());
        BenchReport report = BenchReport.read(Path.of(json));
        assertEquals(
                List.of("8", "16", "mixed"),
                report.measurements().stream().map(m -> m.name()).toList());
        assertEquals("BF16", report.weights());
        assertEquals(
                0,
                bybert(
                        FAST,
                        "bench",
                        "encoder",
                        "--model",
                        model.toString(),
                        "--lengths",
                        "16",
                        "--layers",
                        "1",
                        "--weights",
                        "f32",
                        "--profile",
                        "--against",
                        json),
                err.toString());
        String text = out.toString();
        assertTrue(text.contains("1 layers, weights F32"), text);
        assertTrue(text.contains("stage, length 16"), text);
        assertTrue(text.contains("× the earlier run"), text);
        assertTrue(text.contains("(the earlier run measured " + model + ", 2 layers)"), text);
    }

    @Test
    void measuresTheTokenizerInEachEncoding() throws IOException {
        Path texts = Files.writeString(folder.resolve("texts.txt"), "霜が降りた。\n\n寒い朝<mask>だ。\n");
        assertEquals(
                0,
                bybert(FAST, "bench", "tokenizer", "--model", model.toString(), "--input", texts.toString()),
                err.toString());
        assertTrue(out.toString().startsWith("2 texts, 17 characters, 39 bytes of UTF-8"), out.toString());
        for (String name : List.of("copy", "utf-8 encode", "mixed-radix decode", "bit-prefix encode")) {
            assertTrue(out.toString().contains("\n" + name), out.toString());
        }
    }

    @Test
    void measuresWhatCandidatesCostBesideTheForwardPass() {
        assertEquals(
                0,
                bybert(FAST, "bench", "candidates", "--model", model.toString(), "--preset", "none", "--top-k", "1,3"),
                err.toString());
        String text = out.toString();
        assertTrue(text.matches("(?s)model; 40 rows, 3,677 tokens, 1,014 of them masks; .*"), text);
        for (String name : List.of("best bytes", "valid, top 1", "valid, top 3")) {
            assertTrue(text.contains("\n" + name), text);
        }
    }

    @Test
    void theTokenizerIsReadAsThePresetHasIt() throws IOException {
        Path tokenizer = model.resolve("tokenizer_config.json");
        Files.writeString(tokenizer, Files.readString(tokenizer).replaceFirst("\"added_tokens_decoder\"", "\"gone\""));
        assertEquals(1, bybert(FAST, "bench", "tokenizer", "--model", model.toString(), "--preset", "none"));
        assertTrue(err.toString().contains("added_tokens_decoder: expected"), err.toString());
        assertEquals(
                0, bybert(FAST, "bench", "tokenizer", "--model", model.toString(), "--preset", "100m"), err.toString());
    }

    @Test
    void wrongOptionsAreExitCodeTwoAsEverywhere() {
        for (List<String> options : List.of(
                List.of("encoder", "--threads", "0"),
                List.of("encoder", "--rounds", "0"),
                List.of("encoder", "--cold", "--starts", "0"),
                List.of("tokenizer", "--seconds", "-1"),
                List.of("tokenizer", "--model", model.toString(), "--preset", "base"),
                List.of("candidates", "--top-k", "-1"),
                List.of("candidates", "--top-k", "five"),
                List.of("lengths", "--unit", "byte"),
                List.of("lengths", "--data", "x"),
                List.of("spark", "--rows", "3"),
                List.of("spark", "--preset", "base"),
                List.of("spark", "--layers", "13"),
                List.of("spark", "--batch-bytes", "0"),
                List.of("encoder", "--out", "no/such/folder/file"))) {
            List<String> words = new ArrayList<>(options);
            words.add(0, "bench");
            err.getBuffer().setLength(0);
            assertEquals(2, bybert(List.of(), words.toArray(new String[0])), options + ": " + err);
            assertEquals(1, err.toString().lines().count(), err.toString());
        }
    }

    @Test
    void saysWhatIsWrongBeforeMeasuring() {
        assertFails("--lengths: expected numbers of 1 to 999999, found \"0\"", "bench", "encoder", "--lengths", "0");
    }

    @Test
    void namesThePresets() {
        assertFails(
                "--preset: expected one of bybert-jp-100m, bybert-jp-200m, bybert-jp-400m, bybert-jp-v2-100m, "
                        + "found \"base\"",
                "bench",
                "encoder",
                "--preset",
                "base");
    }

    @Test
    void namesTheLayersThereAre() {
        assertFails("--layers: expected 1 to 12, found 13", "bench", "encoder", "--layers", "13");
    }

    @Test
    void refusesABaselineThatIsNone() throws IOException {
        Path file = Files.writeString(folder.resolve("no.json"), "nothing");
        assertEquals(1, bybert(List.of(), "bench", "encoder", "--against", file.toString()));
        assertTrue(
                err.toString().startsWith("bybert: --against " + file + ": expected a file written with --out"),
                err.toString());
    }

    @Test
    void asksForASubcommand() {
        assertEquals(2, bybert(List.of(), "bench"));
        assertTrue(
                err.toString().contains("expected encoder, tokenizer, segmenter, candidates, lengths or spark"),
                err.toString());
    }
}
