package org.bybert.job.evaluate;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.bybert.job.ExecutorText;
import org.bybert.job.data.DataSet;
import org.bybert.job.files.SmallFile;
import org.bybert.job.metrics.Accuracy;
import org.bybert.job.metrics.SetMetrics;
import org.bybert.udf.ExecutorReport;
import org.bybert.udf.ModelReference;
import org.bybert.udf.masked.MaskedWordSettings;

/**
 * {@code metrics.json}: {@code settings} and {@code sets} are the same for every run with the same input, model, seed
 * and vector width; {@code executors} tells where this run took place.
 */
final class MetricsJson {

    private static final JsonMapper MAPPER = new JsonMapper();

    private MetricsJson() {
    }

    static byte[] of(ModelReference reference, List<DataSet> data, MaskedWordSettings settings,
                     List<SetMetrics> metrics, Collection<ExecutorReport> executors) {
        ObjectNode json = MAPPER.createObjectNode();
        json.set("settings", settings(reference, data, settings));
        ArrayNode sets = json.putArray("sets");
        metrics.forEach(set -> sets.add(set(set)));
        json.putPOJO("executors", executors.stream().map(ExecutorText::json).toList());
        return SmallFile.json(json);
    }

    private static ObjectNode settings(ModelReference reference, List<DataSet> data, MaskedWordSettings settings) {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("model", reference.model());
        json.put("model_revision", reference.source().commit());
        json.put("model_fingerprint", reference.fingerprint());
        ObjectNode options = json.putObject("model_options");
        reference.options().forEach(options::put);
        if (reference.preset() != null && !reference.preset().isNone()) {
            json.put("preset", reference.preset().id());
        }
        ObjectNode paths = json.putObject("data");
        data.forEach(set -> paths.put(set.name(), set.path()));
        json.put("unit", settings.unit().name().toLowerCase(Locale.ROOT));
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

    private static ObjectNode set(SetMetrics set) {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("set", set.set());
        json.put("rows", set.rows());
        json.put("scored", set.scored());
        json.put("excluded", set.excluded());
        json.put("failed", set.failed());
        json.put("duplicate_ids", set.duplicateIds());
        ObjectNode failures = json.putObject("failures");
        set.failures().forEach(failures::put);
        json.set("units", accuracy(set.words()));
        json.set("bytes", accuracy(set.bytes()));
        return json;
    }

    private static ObjectNode accuracy(Accuracy accuracy) {
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
}
