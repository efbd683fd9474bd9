package org.bybert.udf.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.spark.sql.ExperimentalMethods;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.rules.Rule;
import org.apache.spark.sql.execution.SparkStrategy;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.error.ModelException;
import org.bybert.udf.ModelReference;
import org.bybert.udf.batch.BatchMetrics;
import org.bybert.udf.sql.plan.CatalogCall;
import org.bybert.udf.sql.plan.EvaluateCalls;
import org.bybert.udf.sql.plan.EvaluateCallsExec;
import org.bybert.udf.sql.plan.ExtractCalls;
import org.bybert.udf.sql.plan.ScalaLists;
import org.bybert.udf.stream.CheckpointGuard;

/**
 * Registers the functions of {@link ByBertExtensions} with one session and for one model, for programs that do not set
 * {@code spark.sql.extensions}. Arguments by name win over what is given here; keys of the session are not looked at.
 * Calls are moved out of expressions as there, but after the optimizer has seen them: it may have computed calls on
 * local data by then, in the driver.
 */
public final class ByBertFunctions {

    private ByBertFunctions() {}

    /**
     * @return counters of what these functions do
     * @throws ModelException where the model cannot be used; checked here, on the driver
     */
    public static BatchMetrics register(SparkSession spark, ModelReference reference, BatchOptions options) {
        ModelReference resolved = reference.resolveAndLog();
        resolved.check();
        BatchMetrics metrics = BatchMetrics.register(spark);
        Defaults defaults = new Defaults(new CallSettings(resolved, options, metrics), Map.of(), Map.of(), true);
        register(spark, () -> defaults);
        return metrics;
    }

    static void register(SparkSession spark, Supplier<Defaults> defaults) {
        var session = (org.apache.spark.sql.classic.SparkSession) spark;
        planInBatches(session.experimental());
        CheckpointGuard.watch(session);
        var registry = session.sessionState().functionRegistry();
        for (SqlFunction function : SqlFunction.values()) {
            registry.createOrReplaceTempFunction(
                    function.sqlName, new CallBuilder(function, defaults), ByBertExtensions.SOURCE);
        }
    }

    private static void planInBatches(ExperimentalMethods session) {
        List<SparkStrategy> strategies = new ArrayList<>(ScalaLists.list(session.extraStrategies()));
        if (strategies.stream().anyMatch(strategy -> strategy instanceof EvaluateCallsExec.Strategy)) {
            return;
        }
        strategies.add(new EvaluateCallsExec.Strategy());
        session.extraStrategies_$eq(ScalaLists.seq(strategies));
        List<Rule<LogicalPlan>> rules = new ArrayList<>(ScalaLists.list(session.extraOptimizations()));
        rules.addAll(List.of(
                new CatalogCall.Replace(),
                new ExtractCalls(),
                new EvaluateCalls.PushThroughCalls(),
                new EvaluateCalls.KeepForSampling()));
        session.extraOptimizations_$eq(ScalaLists.seq(rules));
    }
}
