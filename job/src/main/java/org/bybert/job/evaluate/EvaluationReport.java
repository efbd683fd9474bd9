package org.bybert.job.evaluate;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.bybert.job.terminal.ExecutorText;
import org.bybert.job.terminal.SmallFile;
import org.bybert.job.terminal.TextTable;
import org.bybert.job.terminal.Version;
import org.bybert.job.data.DataSet;
import org.bybert.job.metrics.SetMetrics;
import org.bybert.job.metrics.SetMetrics.Accuracy;
import org.bybert.udf.ExecutorReport;
import org.bybert.udf.ModelReference;
import org.bybert.udf.masked.MaskedWordSettings;

/** What {@code bybert evaluate} found, for people and for programs. */
record EvaluationReport(ModelReference model, List<DataSet> data, MaskedWordSettings settings,
                        List<SetMetrics> metrics, Collection<ExecutorReport> executors) {

    private static final JsonMapper MAPPER = new JsonMapper();

    private String unit() {
        return settings.unit().name().toLowerCase(Locale.ROOT);
    }

    /**
     * {@code metrics.json}: {@code settings} and {@code sets} are the same for every run with the same input, model,
     * seed and vector width; {@code executors} tells where this run took place, {@code code_version} by which program.
     */
    byte[] json() {
        ObjectNode json = MAPPER.createObjectNode();
        json.set("settings", settingsJson());
        ArrayNode sets = json.putArray("sets");
        metrics.forEach(set -> sets.add(json(set)));
        json.putPOJO("executors", executors.stream().map(ExecutorText::json).toList());
        json.put("code_version", Version.current().toString());
        return SmallFile.json(json);
    }

    private ObjectNode settingsJson() {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("model", model.model());
        json.put("model_revision", model.source().commit());
        json.put("model_fingerprint", model.fingerprint());
        ObjectNode options = json.putObject("model_options");
        model.options().forEach(options::put);
        if (model.preset() != null && !model.preset().isNone()) {
            json.put("preset", model.preset().id());
        }
        ObjectNode paths = json.putObject("data");
        data.forEach(set -> paths.put(set.name(), set.path()));
        json.put("unit", unit());
        json.put("mask_rate", settings.maskRate());
        json.put("seed", settings.seed());
        if (settings.maxBytes() == MaskedWordSettings.ALL) {
            json.putNull("max_bytes");
        } else {
            json.put("max_bytes", settings.maxBytes());
        }
        json.put("row_limit", settings.rowLimit());
        return json;
    }

    private static ObjectNode json(SetMetrics set) {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("set", set.set());
        json.put("rows", set.rows());
        json.put("scored", set.scored());
        json.put("excluded", set.excluded());
        json.put("failed", set.failed());
        json.put("duplicate_ids", set.duplicateIds());
        ObjectNode failures = json.putObject("failures");
        set.failures().forEach(failures::put);
        json.set("units", json(set.words()));
        json.set("bytes", json(set.bytes()));
        return json;
    }

    private static ObjectNode json(Accuracy accuracy) {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("masked", accuracy.total());
        json.put("correct", accuracy.correct());
        if (accuracy.total() > 0) {
            json.put("accuracy", accuracy.value());
            json.putArray("ci95").add(accuracy.low()).add(accuracy.high());
        } else {
            json.putNull("accuracy");
            json.putNull("ci95");
        }
        return json;
    }

    /** @param folder that has the results too, or null */
    void print(PrintWriter out, String folder) {
        out.println();
        out.println("Masked-" + unit() + " accuracy of " + model.name()
                + " (mask rate " + settings.maskRate() + ", seed " + settings.seed() + ", "
                + (settings.maxBytes() == MaskedWordSettings.ALL ? "all lengths"
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
        executors.forEach(executor -> out.println(ExecutorText.line(executor)));
        if (folder != null) {
            out.println("results written to " + folder);
        }
    }

    private String table() {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("set", "examples", unit() + "s masked", unit() + " accuracy", "95 % CI", "bytes masked",
                "byte accuracy", "95 % CI", "excluded", "failed"));
        for (SetMetrics set : metrics) {
            rows.add(List.of(set.set(), count(set.scored()),
                    count(set.words().total()), percent(set.words().value()), interval(set.words()),
                    count(set.bytes().total()), percent(set.bytes().value()), interval(set.bytes()),
                    count(set.excluded()), count(set.failed())));
        }
        return TextTable.of(rows);
    }

    private static String count(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }

    private static String percent(double share) {
        return Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    private static String interval(Accuracy accuracy) {
        return accuracy.total() == 0 ? "-"
                : String.format(Locale.ROOT, "%.1f-%.1f", 100 * accuracy.low(), 100 * accuracy.high());
    }
}
