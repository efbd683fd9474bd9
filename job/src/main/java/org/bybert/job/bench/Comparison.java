package org.bybert.job.bench;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * One workload of this run against an earlier one.
 *
 * @param name           of the workload
 * @param tokensRatio    tokens per second, this run over the earlier one
 * @param fractionRatio  fraction of the peak, this run over the earlier one: what remains where the machine itself was
 *                       faster or slower; NaN where a run has none
 */
public record Comparison(String name, double tokensRatio, double fractionRatio) {

    /** Workloads that both runs hold, in the order of this run. */
    public static List<Comparison> of(BenchReport now, BenchReport before) {
        Map<String, Measurement> earlier = before.measurements().stream()
                .collect(Collectors.toMap(Measurement::name, Function.identity(), (first, second) -> first));
        return now.measurements().stream()
                .filter(measurement -> earlier.containsKey(measurement.name()))
                .map(measurement -> of(measurement, earlier.get(measurement.name())))
                .toList();
    }

    private static Comparison of(Measurement now, Measurement before) {
        boolean counted = now.fractionOfPeak() != null && before.fractionOfPeak() != null;
        return new Comparison(now.name(),
                now.tokensPerSecond().median() / before.tokensPerSecond().median(),
                counted ? now.fractionOfPeak().median() / before.fractionOfPeak().median() : Double.NaN);
    }
}
