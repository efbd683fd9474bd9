package org.bybert.job.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.text.ByteEncoding;
import org.bybert.encoder.text.ByteTokenizer;
import org.bybert.job.bench.BenchReport.Measurement;
import org.bybert.job.bench.Rounds.Workload;
import org.bybert.job.terminal.ModelOptions;
import org.bybert.job.terminal.UserError;
import org.bybert.udf.ModelReference;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of {@code bybert bench tokenizer}, which measures how fast text becomes token ids and back. */
@Command(
        name = "tokenizer",
        description = {
            "Measures how fast text becomes token ids and back in each byte encoding, with the special tokens of a model: "
                    + "10^6 bytes of UTF-8 per second of one core, beside a plain copy of the same bytes.",
            ""
        },
        sortOptions = false,
        footer = {"", "Example: bybert bench tokenizer --input corpus.txt"})
final class TokenizerBenchCommand implements Runnable {

    private static final String COPY = "copy";
    private static final double MEGA = 1e6;
    private static final int SAMPLE_TEXTS = 3_000;
    private static final int SENTENCES = 3;
    private static final double WARM_UP_SECONDS = 1;

    /** Keeps the results alive. */
    private static volatile Object sink;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Mixin
    private ModelOptions model;

    @Option(
            names = "--input",
            paramLabel = "FILE",
            description = "Texts to measure with, one per line, in UTF-8 (default: Japanese sentences, 1 MB).")
    private Path input;

    @Mixin
    private BenchCommand.Pacing pacing;

    /** What is measured, and the tokens that the texts become: for a copy, their bytes. */
    private record Case(Workload workload, long tokens) {}

    @Override
    public void run() {
        Rounds.Pace pace = pacing.pace(WARM_UP_SECONDS);
        List<String> texts = texts();
        long bytes = texts.stream().mapToLong(Inputs::bytes).sum();
        long characters = texts.stream()
                .mapToLong(text -> text.codePointCount(0, text.length()))
                .sum();
        List<Case> cases = cases(texts, bytes);
        Rounds rounds = new Rounds(pace);
        List<Measurement> measurements =
                rounds.measure(cases.stream().map(Case::workload).toList());
        PrintWriter out = spec.commandLine().getOut();
        out.print(ReportText.format(
                "%,d texts, %,d characters, %,d bytes of UTF-8; Java %s%n",
                texts.size(), characters, bytes, System.getProperty("java.vm.version")));
        out.print(ReportText.table(
                List.of("", "MB/s", "spread", "of a copy", "heap bytes/character", "heap bytes/token"),
                IntStream.range(0, cases.size()).boxed().toList(),
                i -> {
                    Measurement m = measurements.get(i);
                    Summary megabytes = m.tokensPerSecond().times(1 / MEGA);
                    return List.of(
                            m.name(),
                            ReportText.format("%,.0f", megabytes.median()),
                            megabytes.range("%,.0f"),
                            ReportText.format(
                                    "%.2f", rounds.ratio(m.name(), COPY).median()),
                            ReportText.format("%.1f", (double) m.bytesPerCall() / characters),
                            ReportText.format(
                                    "%.1f",
                                    (double) m.bytesPerCall() / cases.get(i).tokens()));
                }));
        out.flush();
    }

    private List<String> texts() {
        if (input == null) {
            List<String> sentences = Inputs.sentences(SAMPLE_TEXTS * SENTENCES);
            return IntStream.range(0, SAMPLE_TEXTS)
                    .mapToObj(i -> String.join("", sentences.subList(SENTENCES * i, SENTENCES * (i + 1))))
                    .toList();
        }
        try {
            List<String> lines = Files.readAllLines(input).stream()
                    .filter(line -> !line.isEmpty())
                    .toList();
            if (lines.isEmpty()) {
                throw new UserError("--input " + input + ": expected lines of text, found none");
            }
            return lines;
        } catch (IOException e) {
            throw new UserError("--input " + input + ": expected lines of UTF-8: " + e, e);
        }
    }

    private List<Case> cases(List<String> texts, long size) {
        List<Case> cases = new ArrayList<>();
        List<byte[]> bytes = texts.stream()
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .toList();
        Runnable copy = () -> bytes.forEach(text -> sink = text.clone());
        cases.add(new Case(new Workload(COPY, size, 0, () -> copy), size));
        tokenizers().forEach((name, tokenizer) -> {
            List<int[]> ids = texts.stream().map(tokenizer::encode).toList();
            long tokens = ids.stream().mapToLong(text -> text.length).sum();
            Runnable encode = () -> texts.forEach(text -> sink = tokenizer.encode(text));
            Runnable decode = () -> ids.forEach(text -> sink = tokenizer.decode(text));
            cases.add(new Case(new Workload(name + " encode", size, 0, () -> encode), tokens));
            cases.add(new Case(new Workload(name + " decode", size, 0, () -> decode), tokens));
        });
        return cases;
    }

    /** By the name of their encoding. */
    private Map<String, ByteTokenizer> tokenizers() {
        ModelReference reference = model.reference();
        Map<String, ByteTokenizer> tokenizers = new LinkedHashMap<>();
        for (String encoding : ByteEncoding.names()) {
            Map<String, String> options = new TreeMap<>(reference.options());
            options.put("byte_encoding", encoding);
            tokenizers.put(
                    encoding,
                    ByBert.check(reference.path(), options, reference.preset()).tokenizer());
        }
        return tokenizers;
    }
}
