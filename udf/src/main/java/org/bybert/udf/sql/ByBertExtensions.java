package org.bybert.udf.sql;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.SparkSessionExtensions;
import org.apache.spark.sql.catalyst.FunctionIdentifier;
import org.apache.spark.sql.catalyst.expressions.ExpressionInfo;
import org.bybert.udf.batch.BatchMetrics;
import org.bybert.udf.sql.plan.EvaluateCalls;
import org.bybert.udf.sql.plan.EvaluateCallsExec;
import org.bybert.udf.sql.plan.ExtractCalls;
import org.bybert.udf.stream.CheckpointGuard;
import scala.Function1;
import scala.Tuple3;
import scala.runtime.BoxedUnit;

/**
 * Makes the functions part of every session, from whatever language or client: {@code spark-sql}, PySpark, Scala, JDBC.
 *
 * <pre>
 *   --conf spark.sql.extensions=org.bybert.udf.sql.ByBertExtensions --conf spark.bybert.model=/models/bybert
 * </pre>
 *
 * <ul>
 * <li>{@code bybert_embed(text)} → {@code array<float>} of the hidden size
 * <li>{@code bybert_fill_mask(text)} → {@code struct<text string, score double, error string>}, with {@code top_k} also
 * {@code gaps array<struct<start int, length int, candidates array<struct<text string, logprob double>>>>}
 * <li>{@code bybert_choose(text, targets)} → {@code struct<text string, probability double, error string, targets
 * array<struct<text string, logprob double, probability double>>>}, see {@link org.bybert.encoder.batch.ChooseTask}
 * <li>{@code bybert_mask_words(text, rate, seed)} → {@code struct<masked_text string, spans array<struct<start int,
 * end int, text string>>, error string>}
 * <li>{@code bybert_score(text)} → {@code double}, by one of three methods, see {@link org.bybert.udf.masked.ScoreTask}
 * <li>{@code bybert_check(text)} → {@code string}, why a text is refused, or null
 * <li>{@code bybert_model()} → {@code struct<model string, revision string, fingerprint string, settings map<string,
 * struct<value string, origin string>>, measured array<string>>}
 * </ul>
 *
 * <p>Options are named arguments ({@code bybert_embed(text, pooling => 'cls')}) or keys of the session
 * ({@code SET spark.bybert.pooling=cls}), in this order; {@code DESCRIBE FUNCTION EXTENDED bybert_embed} lists them.
 * They are read when a query is analysed, and a view is analysed when it is read. A model that cannot be used, an
 * unknown option and a column that is no string end the analysis; no task starts.
 *
 * <p>A call is evaluated once per row, in batches, however often a query uses its result, and not at all for rows that
 * a condition without calls leaves out; see {@link ExtractCalls}.
 */
public final class ByBertExtensions implements Function1<SparkSessionExtensions, BoxedUnit> {

    /** Spark's word for functions that a Java or Scala program brings. */
    static final String SOURCE = "scala_udf";

    private static SparkContext context;
    private static BatchMetrics metrics;

    @Override
    public BoxedUnit apply(SparkSessionExtensions extensions) {
        for (SqlFunction function : SqlFunction.values()) {
            extensions.injectFunction(new Tuple3<>(
                    new FunctionIdentifier(function.sqlName),
                    description(function),
                    new CallBuilder(function, ByBertExtensions::defaults)));
        }
        extensions.injectPlanNormalizationRule(session -> new ExtractCalls());
        extensions.injectPlanNormalizationRule(session -> new EvaluateCalls.KeepForSampling());
        extensions.injectOptimizerRule(session -> new ExtractCalls.OfTheOptimizer());
        extensions.injectOptimizerRule(session -> new EvaluateCalls.PushThroughCalls());
        extensions.injectPlannerStrategy(session -> new EvaluateCallsExec.Strategy());
        extensions.injectPlannerStrategy(session -> new CheckpointGuard());
        return BoxedUnit.UNIT;
    }

    static Defaults defaults() {
        SparkSession session = SparkSession.active();
        return Defaults.of(session, metrics(session.sparkContext()));
    }

    /** The counters that all calls of an application share. */
    static synchronized BatchMetrics metrics(SparkContext wanted) {
        if (wanted != context) {
            metrics = BatchMetrics.register(SparkSession.active());
            context = wanted;
        }
        return metrics;
    }

    /** What {@code DESCRIBE FUNCTION EXTENDED} prints. */
    private static ExpressionInfo description(SqlFunction function) {
        List<String> arguments = new ArrayList<>(function.takesText() ? List.of("text") : List.of());
        arguments.addAll(Setting.keys(function.positional));
        arguments.add("option => value, …");
        StringBuilder text =
                new StringBuilder("\n    Arguments:\n").append(function.takesText() ? "      * text - a string\n" : "");
        function.positional.forEach(setting -> append(text, setting, ""));
        function.options.forEach(setting -> append(
                text,
                setting,
                setting == Setting.MODEL_OPTIONS
                        ? "; without a model here: " + Defaults.MODEL_OPTION + "NAME"
                        : "; without it: " + Defaults.PREFIX + setting.key));
        return new ExpressionInfo(
                ByBertExtensions.class.getName(),
                null,
                function.sqlName,
                function.sqlName + "(" + String.join(", ", arguments) + ") - " + function.usage,
                text + "  ",
                "\n    Examples:\n      > SELECT " + function.sqlName + "(" + function.example + ");\n  ",
                "",
                "misc_funcs",
                "4.0.0",
                "",
                SOURCE);
    }

    private static void append(StringBuilder text, Setting setting, String more) {
        text.append("      * ")
                .append(setting.key)
                .append(" - ")
                .append(setting.description)
                .append(more)
                .append('\n');
    }
}
