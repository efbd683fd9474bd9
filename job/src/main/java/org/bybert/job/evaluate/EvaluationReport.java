package org.bybert.job.evaluate;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.bybert.job.data.DataSet;
import org.bybert.job.metrics.SetMetrics;
import org.bybert.job.metrics.SetMetrics.Accuracy;
import org.bybert.job.terminal.TextTable;
import org.bybert.job.terminal.Version;
import org.bybert.udf.ExecutorReport;
import org.bybert.udf.ModelReference;
import org.bybert.udf.masked.MaskedWordSettings;

/** What {@code bybert evaluate} found, for people and for programs. */
record EvaluationReport(
        ModelReference model,
        List<DataSet> data,
        MaskedWordSettings settings,
        List<SetMetrics> metrics,
        Collection<ExecutorReport> executors) {

    private String unit() {
        return settings.unit().name().toLowerCase(Locale.ROOT);
    }

    /**
     * {@code metrics.json}: {@code settings} and {@code sets} are the same for every run with the same input, model,
     * seed and vector width; {@code executors} tells where this run took place, {@code code_version} by which program.
     */
    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        addSettings(json.putObject("settings"));
        return json.putPOJO("sets", metrics)
                .putPOJO("executors", executors)
                .put("code_version", Version.current().toString());
    }

    private void addSettings(ObjectNode json) {
        json.put("model", model.model());
        json.put("model_revision", model.source().commit());
        json.put("model_fingerprint", model.fingerprint());
        json.putPOJO("model_options", model.options());
        if (model.preset() != null && !model.preset().isNone()) {
            json.put("preset", model.preset().id());
        }
        ObjectNode paths = json.putObject("data");
        data.forEach(set -> paths.put(set.name(), set.path()));
        json.put("unit", unit());
        json.put("mask_rate", settings.maskRate());
        json.put("seed", settings.seed());
        json.put("max_bytes", settings.maxBytes() == MaskedWordSettings.ALL ? null : settings.maxBytes());
        json.put("row_limit", settings.rowLimit());
    }

    /** @param folder that has the results too, or null */
    void print(PrintWriter out, String folder) {
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
        out.println("model " + model.source() + ", fingerprint " + model.fingerprint());
        executors.forEach(executor -> out.println(executor.line()));
        if (folder != null) {
            out.println("results written to " + folder);
        }
    }

    private String table() {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of(
                "set",
                "examples",
                unit() + "s masked",
                unit() + " accuracy",
                "95 % CI",
                "bytes masked",
                "byte accuracy",
                "95 % CI",
                "excluded",
                "failed"));
        for (SetMetrics set : metrics) {
            rows.add(List.of(
                    set.set(),
                    count(set.scored()),
                    count(set.units().masked()),
                    percent(set.units()),
                    interval(set.units()),
                    count(set.bytes().masked()),
                    percent(set.bytes()),
                    interval(set.bytes()),
                    count(set.excluded()),
                    count(set.failed())));
        }
        return TextTable.of(rows);
    }

    private static String count(long n) {
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
