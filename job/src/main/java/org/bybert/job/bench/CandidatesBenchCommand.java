package org.bybert.job.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.FillOptions;
import org.bybert.encoder.FillOptions.Decoding;
import org.bybert.encoder.Session;
import org.bybert.encoder.text.ByteTokenizer;
import org.bybert.job.bench.BenchReport.Machine;
import org.bybert.job.bench.BenchReport.Measurement;
import org.bybert.job.bench.Rounds.Workload;
import org.bybert.job.terminal.ModelOptions;
import org.bybert.udf.ModelReference;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of {@code bybert bench candidates}, which measures what valid text and candidates cost beside the forward pass. */
@Command(
        name = "candidates",
        description = {
            "Measures what it costs to look for the most probable valid text of each gap, and for the N most probable "
                    + "ones, beside the best byte at each mask: Japanese sentences, two characters of every eight masked.",
            ""
        },
        sortOptions = false,
        footer = {"", "Example: bybert bench candidates --model DIR --top-k 10"})
final class CandidatesBenchCommand implements Runnable {

    private static final double WARM_UP_SECONDS = 3;
    /** Of each of these the first two are masked. */
    private static final int CHARACTERS = 8;

    private static final int MASKED = 2;
    private static final int SENTENCES = 40;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Mixin
    private ModelOptions model;

    @Option(
            names = "--top-k",
            paramLabel = "N,N,...",
            split = ",",
            defaultValue = "1,10",
            description = "Candidates of each gap (default: ${DEFAULT-VALUE}).")
    private List<Integer> topK;

    @Mixin
    private BenchCommand.Pacing pacing;

    @Override
    public void run() {
        Rounds.Pace pace = pacing.pace(WARM_UP_SECONDS);
        List<FillOptions> fills = new ArrayList<>(List.of(FillOptions.DEFAULTS.withDecoding(Decoding.BYTES)));
        try {
            topK.forEach(k -> fills.add(FillOptions.DEFAULTS.withTopK(k)));
        } catch (IllegalArgumentException e) {
            throw BenchCommand.wrong("--top-k: " + e.getMessage());
        }
        ModelReference reference = model.reference();
        ByBert encoder = reference.open();
        List<int[]> rows = rows(encoder.tokenizer());
        int maskId = encoder.tokenizer().maskId();
        long masks = rows.stream()
                .flatMapToInt(Arrays::stream)
                .filter(id -> id == maskId)
                .count();
        long tokens = rows.stream().mapToLong(row -> row.length).sum();
        List<Workload> workloads = fills.stream()
                .map(fill -> new Workload(name(fill), tokens, 0, () -> {
                    Session session = encoder.newSession();
                    return () -> session.fillMask(rows, fill);
                }))
                .toList();
        Rounds rounds = new Rounds(pace);
        List<Measurement> measurements = rounds.measure(workloads);
        String bytes = measurements.get(0).name();
        spec.commandLine()
                .getOut()
                .print(ReportText.format(
                                "%s; %,d rows, %,d tokens, %,d of them masks; %s, Java %s%n",
                                reference.name(),
                                rows.size(),
                                tokens,
                                masks,
                                Machine.here().cpu(),
                                System.getProperty("java.vm.version"))
                        + ReportText.table(
                                List.of("", "tokens/s", "spread", "× the time", "spread", "heap bytes/call"),
                                measurements,
                                m -> {
                                    Summary ratio = rounds.ratio(bytes, m.name());
                                    return List.of(
                                            m.name(),
                                            ReportText.format(
                                                    "%,.0f", m.tokensPerSecond().median()),
                                            m.tokensPerSecond().range("%,.0f"),
                                            ReportText.format("%.3f", ratio.median()),
                                            ratio.range("%.3f"),
                                            ReportText.format("%,d", m.bytesPerCall()));
                                }));
        spec.commandLine().getOut().flush();
    }

    private static String name(FillOptions fill) {
        return fill.decoding() == Decoding.BYTES ? "best bytes" : "valid, top " + fill.topK();
    }

    private static List<int[]> rows(ByteTokenizer tokenizer) {
        return Inputs.sentences(SENTENCES).stream()
                .map(sentence -> {
                    StringBuilder text = new StringBuilder();
                    int[] characters = sentence.codePoints().toArray();
                    IntStream.range(0, characters.length).forEach(i -> {
                        String character = Character.toString(characters[i]);
                        text.append(
                                i % CHARACTERS < MASKED
                                        ? tokenizer.maskText().repeat(Inputs.bytes(character))
                                        : character);
                    });
                    return tokenizer.encode(text.toString());
                })
                .toList();
    }
}
