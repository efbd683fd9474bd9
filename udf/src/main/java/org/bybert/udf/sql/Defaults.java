package org.bybert.udf.sql;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.udf.ModelReference;
import org.bybert.udf.Models;
import org.bybert.udf.batch.BatchMetrics;
import org.bybert.udf.sql.Setting.Given;
import org.bybert.udf.stream.CheckpointGuard;
import scala.jdk.javaapi.CollectionConverters;

/**
 * What holds where a call says nothing.
 *
 * @param settings     where the session says nothing, either; without a model there may be none
 * @param session      what {@code spark-defaults.conf}, {@code --conf} and {@code SET} left; may hold nothing
 * @param modelOptions of the session's model
 * @param detect       whether it is measured what nobody says about a model
 */
record Defaults(CallSettings settings, Map<Setting, Given> session, Map<String, String> modelOptions, boolean detect) {

    static final String PREFIX = "spark.bybert.";
    static final String MODEL_OPTION = PREFIX + "model.option.";
    static final String DETECT = PREFIX + "detect";
    private static final String MODELS_MAX = "spark." + Models.MAX;

    /** @throws IllegalArgumentException where a key is unknown */
    static Defaults of(SparkSession session, BatchMetrics metrics) {
        return of(session, metrics, List.of(PREFIX));
    }

    /**
     * @param prefixes of keys; what the later ones say wins, and a model that they name takes their options alone
     * @throws IllegalArgumentException where a key is unknown
     */
    static Defaults of(SparkSession session, BatchMetrics metrics, List<String> prefixes) {
        Map<Setting, Given> values = new EnumMap<>(Setting.class);
        Map<String, String> modelOptions = new TreeMap<>();
        boolean[] detect = {true};
        // Not SQLConf.get: within a view that holds Spark's own keys only.
        Map<String, String> keys = CollectionConverters.asJava(session.conf().getAll());
        for (String prefix : prefixes) {
            if (keys.containsKey(prefix + Setting.MODEL.key)) {
                modelOptions.clear();
            }
            keys.forEach((key, value) -> {
                String name = key.startsWith(prefix) ? PREFIX + key.substring(prefix.length()) : "";
                if (name.startsWith(MODEL_OPTION)) {
                    modelOptions.put(name.substring(MODEL_OPTION.length()), value);
                } else if (key.equals(MODELS_MAX)) {
                    checkModelsMax(session, value);
                } else if (name.equals(DETECT)) {
                    detect[0] = new Given(key, value).bool();
                } else if (key.equals(CheckpointGuard.ALLOW_CHANGE)) {
                    new Given(key, value).bool();
                } else if (!name.isEmpty()) {
                    values.put(setting(key, name), new Given(key, value));
                }
            });
        }
        return new Defaults(new CallSettings(null, BatchOptions.DEFAULTS, metrics), values, modelOptions, detect[0]);
    }

    /** The model of a call as all hosts will open it. */
    ModelReference resolve(ModelReference reference) {
        return (detect || reference.source() != null ? reference : reference.withoutDetection()).resolveAndLog();
    }

    /** Executors have learnt it when they were started. */
    private static void checkModelsMax(SparkSession session, String value) {
        String fixed = session.sparkContext().getConf().get(MODELS_MAX, "its default");
        if (!value.equals(fixed)) {
            throw new IllegalArgumentException(MODELS_MAX + ": is fixed when the application starts, as " + fixed
                    + "; RESET " + MODELS_MAX + ", and give it with --conf");
        }
        Models.max();
    }

    private static Setting setting(String key, String name) {
        return Setting.ofSession().stream()
                .filter(s -> name.equals(PREFIX + s.key))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(key + ": unknown; the session knows " + PREFIX
                        + Setting.keys(Setting.ofSession()) + ", " + DETECT + ", " + CheckpointGuard.ALLOW_CHANGE + ", "
                        + MODEL_OPTION + "NAME and " + MODELS_MAX));
    }
}
