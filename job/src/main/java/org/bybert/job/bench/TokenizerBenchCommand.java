package org.bybert.job.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.bench.Pace;
import org.bybert.encoder.bench.Spread;
import org.bybert.encoder.bench.TokenizerBench;
import org.bybert.encoder.text.ByteEncodings;
import org.bybert.encoder.text.ByteTokenizer;
import org.bybert.job.ModelOptions;
import org.bybert.job.TextTable;
import org.bybert.job.UserError;
import org.bybert.udf.ModelReference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine;

/** Options of {@code bybert bench tokenizer}. */
@Command(name = "tokenizer",
        description = {
            "Measures how fast text becomes token ids and back in each byte encoding, with the special tokens of a model: "
                + "10^6 bytes of UTF-8 per second of one core, beside a plain copy of the same bytes.",
            ""},
        sortOptions = false,
        footer = {"", "Example: bybert bench tokenizer --input corpus.txt"})
final class TokenizerBenchCommand implements Callable<Integer> {

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Mixin
    private ModelOptions model;

    @Option(names = "--input", paramLabel = "FILE",
            description = "Texts to measure with, one per line, in UTF-8 (default: Japanese sentences, 1 MB).")
    private Path input;

    @Option(names = "--rounds", paramLabel = "N", defaultValue = "5",
            description = "Rounds in which everything is measured in turn (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--seconds", paramLabel = "S", defaultValue = "0.3",
            description = "Each measurement in a round lasts at least this long (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(names = "--warm-up", paramLabel = "S", defaultValue = "1",
            description = "Before the first round each runs this long, for the JIT compiler (default: "
                + "${DEFAULT-VALUE}).")
    private double warmUp;

    @Override
    public Integer call() {
        TokenizerBench bench = new TokenizerBench(texts(), pace());
        List<TokenizerBench.Result> results = bench.run(tokenizers());
        PrintWriter out = spec.commandLine().getOut();
        out.printf(Locale.ROOT, "%,d texts, %,d characters, %,d bytes of UTF-8; Java %s%n%n", bench.texts(),
                bench.characters(), bench.utf8Bytes(), System.getProperty("java.vm.version"));
        out.print(table(results));
        out.flush();
        return CommandLine.ExitCode.OK;
    }

    private Pace pace() {
        try {
            return new Pace(rounds, seconds, warmUp);
        } catch (IllegalArgumentException e) {
            throw new UserError("--rounds, --seconds, --warm-up: " + e.getMessage(), e);
        }
    }

    private List<String> texts() {
        if (input == null) {
            return List.of();
        }
        try {
            List<String> lines = Files.readAllLines(input).stream().filter(line -> !line.isEmpty()).toList();
            if (lines.isEmpty()) {
                throw new UserError("--input " + input + ": expected lines of text, found none");
            }
            return lines;
        } catch (IOException e) {
            throw new UserError("--input " + input + ": expected lines of UTF-8: " + e, e);
        }
    }

    private Map<String, ByteTokenizer> tokenizers() {
        ModelReference reference = model.reference();
        Map<String, ByteTokenizer> tokenizers = new LinkedHashMap<>();
        for (String encoding : ByteEncodings.names()) {
            Map<String, String> options = new TreeMap<>(reference.options());
            options.put("byte_encoding", encoding);
            tokenizers.put(encoding, ByBert.check(reference.path(), options).tokenizer());
        }
        return tokenizers;
    }

    private static String table(List<TokenizerBench.Result> results) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("", "MB/s", "spread", "of a copy", "heap bytes/character", "heap bytes/token"));
        for (TokenizerBench.Result result : results) {
            Spread rate = result.megabytesPerSecond();
            rows.add(List.of(result.name(), format("%,.0f", rate.median()), format("%,.0f-%,.0f", rate.low(), rate.high()),
                    format("%.2f", result.ofCopy().median()), format("%.1f", result.bytesPerCharacter()),
                    format("%.1f", result.bytesPerToken())));
        }
        return TextTable.of(rows);
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
