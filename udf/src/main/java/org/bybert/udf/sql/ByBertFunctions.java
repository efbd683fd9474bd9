package org.bybert.udf.sql;

import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.bybert.encoder.ModelException;
import org.bybert.udf.ModelReference;
import org.bybert.udf.batch.BatchMetrics;
import org.bybert.udf.batch.BatchOptions;

/**
 * Registers the functions of {@link ByBertExtensions} with one session and for one model, for programs that do not set
 * {@code spark.sql.extensions}. Arguments by name win over what is given here; keys of the session are not looked at.
 * Without the extensions calls are evaluated row by row, and the optimizer may copy them.
 */
public final class ByBertFunctions {

    private ByBertFunctions() {
    }

    /**
     * @return counters of what these functions do
     * @throws ModelException where the model cannot be used; checked here, on the driver
     */
    public static BatchMetrics register(SparkSession spark, ModelReference reference, BatchOptions options) {
        ModelReference resolved = reference.resolve();
        resolved.check();
        BatchMetrics metrics = BatchMetrics.register(spark.sparkContext());
        CallBuilder.Defaults defaults = new CallBuilder.Defaults(new CallSettings(resolved, options, metrics),
                new SessionSettings(Map.of(), Map.of()));
        var registry = ((org.apache.spark.sql.classic.SparkSession) spark).sessionState().functionRegistry();
        for (SqlFunction function : SqlFunction.values()) {
            registry.createOrReplaceTempFunction(function.sqlName(), new CallBuilder(function, () -> defaults),
                    FunctionInfo.SOURCE);
        }
        return metrics;
    }
}
