package org.bybert.job.evaluate;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bybert.encoder.Version;
import org.bybert.job.data.Columns;
import org.bybert.job.data.DataSet;
import org.bybert.job.metrics.SetMetrics;
import org.bybert.job.metrics.SetMetrics.Accuracy;
import org.bybert.job.terminal.TextTable;
import org.bybert.udf.ExecutorReport;
import org.bybert.udf.ModelReference;
import org.bybert.udf.masked.MaskedWordSettings;
import org.bybert.udf.words.Unit;

/** What {@code bybert evaluate} found, for people and for programs. */
record EvaluationReport(
        ModelReference model,
        List<DataSet> data,
        Map<String, Columns> columns,
        MaskedWordSettings settings,
        List<SetMetrics> metrics,
        Collection<ExecutorReport> executors,
        String spark) {

    private String unit() {
        return settings.unit().name().toLowerCase(Locale.ROOT);
    }

    /**
     * {@code metrics.json}: {@code settings} and {@code sets} are the same for every run with the same input, model,
     * seed and vector width, columns are by set ({@code id_column} is null where ids are hashes of texts);
     * {@code executors} tells where this run took place, {@code code_version} by which program.
     */
    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        addSettings(json.putObject("settings"));
        return json.putPOJO("sets", metrics)
                .putPOJO("executors", executors)
                .put("code_version", Version.current().toString())
                .put("spark_version", spark)
                .put("java_version", Runtime.version().toString());
    }

    private void addSettings(ObjectNode json) {
        json.put("model", model.model());
        json.put("model_revision", model.source().commit());
        json.put("model_fingerprint", model.fingerprint());
        json.putPOJO("model_options", model.options());
        json.putPOJO("model_settings", model.settings());
        json.put("model_undecided", !model.measured().isDecided());
        json.put(
                "preset",
                model.preset() == null || model.preset().isNone()
                        ? null
                        : model.preset().id());
        ObjectNode paths = json.putObject("data");
        ObjectNode texts = json.putObject("text_column");
        ObjectNode expressions = json.putObject("text_expr");
        ObjectNode ids = json.putObject("id_column");
        data.forEach(set -> {
            Columns used = columns.get(set.name());
            paths.put(set.name(), set.path());
            texts.put(set.name(), used.text());
            expressions.put(set.name(), used.expression());
            ids.put(set.name(), used.id());
        });
        json.put("unit", unit());
        if (settings.unit() == Unit.WORD) {
            // Of rows that bring no words.
            json.putObject("segmenter")
                    .put("name", settings.segmenter().name())
                    .put("dictionary_hash", settings.segmenter().hash())
                    .put("join_digits", settings.segmenter().joinsRuns());
        } else {
            json.putNull("segmenter");
        }
        json.put("mask_rate", settings.maskRate());
        json.put("seed", settings.seed());
        json.put("max_bytes", settings.maxBytes() == MaskedWordSettings.ALL ? null : settings.maxBytes());
        json.put("row_limit", settings.rowLimit() == MaskedWordSettings.ALL ? null : settings.rowLimit());
    }

    void print(PrintWriter out) {
        out.println();
        out.println("Masked-" + unit() + " accuracy of " + model.name()
                + " (mask rate " + settings.maskRate() + ", seed " + settings.seed() + ", "
                + (settings.maxBytes() == MaskedWordSettings.ALL
                        ? "all lengths"
                        : "at most " + settings.maxBytes() + " bytes")
                + ")");
        out.println();
        out.print(table());
        out.println();
        if (metrics.stream().anyMatch(SetMetrics::isFew)) {
            out.println("(n/a): an interval over " + SetMetrics.FEW + " examples or fewer is not meaningful");
        }
        for (SetMetrics set : metrics) {
            if (set.failed() > 0) {
                out.println(set.set() + ": " + set.failed() + " of " + set.rows() + " rows failed: " + set.failures());
            }
            if (set.duplicateIds() > 0) {
                out.println(set.set() + ": " + set.duplicateIds() + " of " + set.rows()
                        + " rows have an id that an earlier row has");
            }
            if (set.scored() == 0) {
                out.println(set.set() + ": no row could be scored, so there is no accuracy");
            }
        }
        model.measured().findings().stream()
                .filter(finding -> !finding.decided())
                .forEach(finding -> out.println("the figures depend on a guess: " + finding.sentence()));
        out.println("model " + model.source() + ", fingerprint " + model.fingerprint());
        if (settings.unit() == Unit.WORD) {
            out.println("words by " + settings.segmenter());
        }
        executors.forEach(executor -> out.println(executor.line()));
    }

    private String table() {
        List<List<String>> rows = new ArrayList<>();
        boolean bytesToo = settings.unit() != Unit.BYTE;
        List<String> header = new ArrayList<>(List.of("set", "examples"));
        header.addAll(List.of(unit() + "s masked", unit() + " accuracy", "95 % CI"));
        if (bytesToo) {
            header.addAll(List.of("bytes masked", "byte accuracy", "95 % CI"));
        }
        header.addAll(List.of("excluded", "failed"));
        rows.add(header);
        for (SetMetrics set : metrics) {
            List<String> row = new ArrayList<>(List.of(set.set(), count(set.scored())));
            row.addAll(cells(set, set.units()));
            if (bytesToo) {
                row.addAll(cells(set, set.bytes()));
            }
            row.addAll(List.of(count(set.excluded()), count(set.failed())));
            rows.add(row);
        }
        return TextTable.of(rows);
    }

    private static List<String> cells(SetMetrics set, Accuracy accuracy) {
        return List.of(count(accuracy.masked()), percent(accuracy), set.isFew() ? "(n/a)" : interval(accuracy));
    }

    static String rows(long n) {
        return count(n) + (n == 1 ? " row" : " rows");
    }

    static String count(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }

    private static String percent(Accuracy accuracy) {
        return accuracy.masked() == 0 ? "-" : String.format(Locale.ROOT, "%.1f %%", 100 * accuracy.accuracy());
    }

    private static String interval(Accuracy accuracy) {
        return accuracy.masked() == 0
                ? "-"
                : String.format(Locale.ROOT, "%.1f-%.1f", 100 * accuracy.low(), 100 * accuracy.high());
    }
}
