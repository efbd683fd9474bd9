package org.bybert.job.embed;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.bybert.job.terminal.SmallFile;
import org.bybert.job.terminal.Texts;
import org.bybert.udf.ExecutorReport;
import org.bybert.udf.batch.BatchMetrics;

/**
 * What became of a run.
 *
 * @param application that ended it
 * @param units       of the whole output
 * @param done        units that this application computed
 * @param duplicates  rows whose id an earlier row has
 * @param nullIds     rows without an id; 0 where no id column was named
 * @param seconds     that this application took to compute
 */
record EmbedMetrics(
        Manifest manifest,
        String application,
        Collection<UnitMarker> units,
        Collection<UnitMarker> done,
        long duplicates,
        long nullIds,
        double seconds,
        BatchMetrics counters) {

    UnitCounts total() {
        return UnitCounts.sum(units);
    }

    /** What an executor had of the units that this application computed. */
    private UnitCounts share(ExecutorReport executor) {
        return UnitCounts.sum(done.stream()
                .filter(unit -> unit.executor().equals(executor.executor())
                        && unit.host().equals(executor.host()))
                .toList());
    }

    /**
     * {@code metrics.json}: {@code total} and {@code manifest} are the same for every run with the same input, model,
     * options and vector width; the rest tells how this one went.
     */
    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("manifest", manifest);
        json.put("total", total());
        json.put("duplicate_ids", duplicates);
        json.put("null_ids", nullIds);
        json.put("units", units.size());
        json.put("application", application);
        json.put("seconds", seconds);
        json.put("computed", UnitCounts.sum(done));
        json.put("accumulators", counters.toMap());
        List<ObjectNode> executors = new ArrayList<>();
        for (ExecutorReport report : counters.reports()) {
            ObjectNode executor = SmallFile.MAPPER.valueToTree(report);
            executor.put("rows", share(report).rows());
            executor.put("bytes", share(report).bytes());
            executors.add(executor);
        }
        json.put("executors", executors);
        return json;
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    /** What is printed when all is written. */
    List<String> lines(String output) {
        UnitCounts total = total();
        UnitCounts now = UnitCounts.sum(done);
        List<String> lines = new ArrayList<>();
        lines.add(format(
                "%,d rows, %s of text, %,d failed, %,d truncated; checksum %s",
                total.rows(), Texts.bytes(total.bytes()), total.failed(), total.truncated(), total.checksum()));
        if (units.size() > done.size()) {
            lines.add(format(
                    "of these %,d rows, %s in this run; the others were there", now.rows(), Texts.bytes(now.bytes())));
        }
        total.errors().forEach((reason, count) -> lines.add(format("failed: %s: %,d rows", reason, count)));
        if (duplicates > 0) {
            lines.add(format("%,d rows have an id that an earlier row has", duplicates));
        }
        if (nullIds > 0) {
            lines.add(format("%,d rows have no id", nullIds));
        }
        for (ExecutorReport report : counters.reports()) {
            UnitCounts share = share(report);
            lines.add(report.line()
                    + (share.rows() == 0 || now.bytes() == 0
                            ? ""
                            : format(
                                    "; %,d rows, %d %% of the bytes",
                                    share.rows(), 100 * share.bytes() / now.bytes())));
        }
        TreeSet<String> kernels =
                new TreeSet<>(units.stream().map(UnitMarker::kernels).toList());
        if (kernels.size() > 1) {
            lines.add("rows were computed on different kernels, " + kernels + ": the last bits of their numbers may "
                    + "differ");
        }
        lines.add(format(
                "%s in %s: %s/s; written to %s",
                Texts.bytes(now.bytes()),
                Texts.duration((long) seconds),
                Texts.bytes((long) (now.bytes() / Math.max(seconds, 0.001))),
                output));
        return lines;
    }
}
