package org.bybert.job.bench.peers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bybert.encoder.model.Transformer;
import org.bybert.job.bench.ForwardPass;
import org.bybert.job.bench.Inputs;
import org.bybert.job.bench.Rounds;
import org.bybert.job.bench.Rounds.Timing;
import org.bybert.job.bench.Summary;

/**
 * Sentences of mixed lengths: ragged batches here; there padded batches, as the sentences come and sorted by length in
 * windows, and, to show what padding costs, one row after the other. The engines take turns several times in a pass.
 * Tokens count once, padding does not.
 */
final class MixedCorpus {

    static final int BATCH_ROWS = 32;
    private static final int WINDOW = 256;
    /** Turns that a pass over the corpus is cut into. */
    private static final int STEPS = 8;

    private static final String OURS = "byBERT ragged";

    private final Transformer transformer;
    private final OrtEngine fp32;
    private final OrtEngine int8;

    MixedCorpus(Transformer transformer, OrtEngine fp32, OrtEngine int8) {
        this.transformer = transformer;
        this.fp32 = fp32;
        this.int8 = int8;
    }

    void print(List<int[]> rows, Rounds peak, int rounds) {
        Map<String, List<Runnable>> engines = new LinkedHashMap<>();
        engines.put(OURS, ragged(rows));
        engines.put("ORT fp32 unsorted", padded(rows, fp32, BATCH_ROWS));
        engines.put("ORT fp32 sorted", padded(sorted(rows), fp32, BATCH_ROWS));
        engines.put("ORT fp32 row by row", padded(rows, fp32, 1));
        engines.put("ORT int8 unsorted", padded(rows, int8, BATCH_ROWS));
        engines.put("ORT int8 sorted", padded(sorted(rows), int8, BATCH_ROWS));
        engines.put("ORT int8 row by row", padded(rows, int8, 1));
        // Fixed lengths have warmed all engines; one batch each makes their buffers grow.
        engines.values().forEach(batches -> batches.get(0).run());
        Map<String, double[]> seconds = new LinkedHashMap<>();
        engines.keySet().forEach(name -> seconds.put(name, new double[rounds]));
        double[] peaks = new double[rounds];
        for (int round = 0; round < rounds; round++) {
            peaks[round] = measure(engines, seconds, round, peak);
        }
        report(rows, seconds, peaks);
    }

    /** One pass over the corpus by every engine; returns the peak meanwhile. */
    private static double measure(
            Map<String, List<Runnable>> engines, Map<String, double[]> seconds, int round, Rounds peak) {
        double[] peaks = new double[STEPS];
        for (int step = 0; step < STEPS; step++) {
            peaks[step] = peak.peak();
            for (var engine : engines.entrySet()) {
                List<Runnable> batches = engine.getValue();
                int end = batches.size() * (step + 1) / STEPS;
                for (int i = batches.size() * step / STEPS; i < end; i++) {
                    seconds.get(engine.getKey())[round] +=
                            1 / Timing.of(batches.get(i), 0).callsPerCoreSecond();
                }
            }
        }
        return Summary.of(peaks).median();
    }

    private void report(List<int[]> rows, Map<String, double[]> seconds, double[] peaks) {
        int[] lengths = rows.stream().mapToInt(row -> row.length).toArray();
        double tokens = Arrays.stream(lengths).sum();
        double gflop = ForwardPass.flops(transformer.config(), lengths) / 1e9;
        PeerBench.print(
                "%nmixed sentences, %d rows, %.0f tokens; batches of %d compute %.2f × as many unsorted, "
                        + "%.2f × sorted%n%-20s  %8s  %14s  %13s  %s%n",
                lengths.length,
                tokens,
                BATCH_ROWS,
                padding(rows),
                padding(sorted(rows)),
                "",
                "tokens/s",
                "of peak, useful",
                "byBERT over it",
                "(spread)");
        double[] ours = seconds.get(OURS);
        seconds.forEach((name, theirs) -> {
            double[] fractions = new double[theirs.length];
            double[] ratios = new double[theirs.length];
            for (int i = 0; i < theirs.length; i++) {
                fractions[i] = gflop / theirs[i] / peaks[i];
                ratios[i] = theirs[i] / ours[i];
            }
            Summary ratio = Summary.of(ratios);
            PeerBench.print(
                    "%-20s  %8.0f  %13.1f %%  %11.2f ×  (%.2f-%.2f)%n",
                    name,
                    tokens / Summary.of(theirs).median(),
                    100 * Summary.of(fractions).median(),
                    ratio.median(),
                    ratio.low(),
                    ratio.high());
        });
    }

    /** Tokens of padded batches, padding included, over those without it. */
    private static double padding(List<int[]> rows) {
        double padded = 0;
        double tokens = 0;
        for (int first = 0; first < rows.size(); first += BATCH_ROWS) {
            List<int[]> batch = rows.subList(first, Math.min(first + BATCH_ROWS, rows.size()));
            padded += batch.size()
                    * batch.stream().mapToInt(row -> row.length).max().orElse(0);
            tokens += batch.stream().mapToInt(row -> row.length).sum();
        }
        return padded / tokens;
    }

    private List<Runnable> ragged(List<int[]> rows) {
        return Inputs.batches(rows, Inputs.BATCH_TOKENS).stream()
                .<Runnable>map(batch -> new ForwardPass(transformer, batch))
                .toList();
    }

    private static List<Runnable> padded(List<int[]> rows, OrtEngine engine, int batchRows) {
        List<Runnable> batches = new ArrayList<>();
        for (int first = 0; first < rows.size(); first += batchRows) {
            batches.add(engine.new Batch(rows.subList(first, Math.min(first + batchRows, rows.size())))::run);
        }
        return batches;
    }

    private static List<int[]> sorted(List<int[]> rows) {
        List<int[]> sorted = new ArrayList<>();
        for (int first = 0; first < rows.size(); first += WINDOW) {
            List<int[]> window = new ArrayList<>(rows.subList(first, Math.min(first + WINDOW, rows.size())));
            window.sort(Comparator.comparingInt(row -> row.length));
            sorted.addAll(window);
        }
        return sorted;
    }
}
