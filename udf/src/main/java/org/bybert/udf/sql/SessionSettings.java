package org.bybert.udf.sql;

import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;
import scala.jdk.javaapi.CollectionConverters;

/** What the session says about calls: as {@code spark-defaults.conf}, {@code --conf} and {@code SET} left it. */
record SessionSettings(Map<Setting, Given> values, Map<String, String> modelOptions) {

    static final String PREFIX = "spark.bybert.";
    private static final String MODEL_OPTION = PREFIX + "model.option.";

    /** @throws IllegalArgumentException where a key is unknown */
    static SessionSettings of(SparkSession session) {
        Map<Setting, Given> values = new EnumMap<>(Setting.class);
        Map<String, String> modelOptions = new TreeMap<>();
        // Not SQLConf.get: within a view that holds Spark's own keys only.
        CollectionConverters.asJava(session.conf().getAll()).forEach((key, value) -> {
            if (key.startsWith(MODEL_OPTION)) {
                modelOptions.put(key.substring(MODEL_OPTION.length()), value);
            } else if (key.startsWith(PREFIX)) {
                values.put(setting(key), new Given(key, value));
            }
        });
        return new SessionSettings(values, modelOptions);
    }

    private static Setting setting(String key) {
        return Setting.ofSession().stream().filter(s -> key.equals(PREFIX + s.key())).findFirst()
                .orElseThrow(() -> new IllegalArgumentException(key + ": unknown; the session knows " + PREFIX
                        + Setting.keys(Setting.ofSession()) + " and " + MODEL_OPTION + "NAME"));
    }
}
