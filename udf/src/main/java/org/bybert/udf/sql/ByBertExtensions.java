package org.bybert.udf.sql;

import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.SparkSessionExtensions;
import org.apache.spark.sql.catalyst.FunctionIdentifier;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.udf.sql.plan.CallStrategy;
import org.bybert.udf.sql.plan.ExtractCalls;
import org.bybert.udf.sql.plan.KeepForSampling;
import org.bybert.udf.sql.plan.PushThroughCalls;
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
 * <li>{@code bybert_fill_mask(text)} → {@code struct<text string, score double, error string>}
 * <li>{@code bybert_mask_words(text, rate, seed)} → {@code struct<masked_text string, spans array<struct<start int,
 * end int, text string>>, error string>}
 * <li>{@code bybert_score(text)} → {@code double}, see {@link ScoreFunction}
 * <li>{@code bybert_check(text)} → {@code string}, why a text is refused, or null
 * </ul>
 *
 * <p>Options are named arguments ({@code bybert_embed(text, pooling => 'cls')}) or keys of the session
 * ({@code SET spark.bybert.pooling=cls}), in this order; {@code DESCRIBE FUNCTION EXTENDED bybert_embed} lists them. They
 * are read when a query is analysed, and a view is analysed when it is read. A model that cannot be used, an unknown
 * option and a column that is no string end the analysis; no task starts.
 *
 * <p>A call is evaluated once per row, in batches, however often a query uses its result, and not at all for rows that
 * a condition without calls leaves out; see {@link ExtractCalls}.
 */
public final class ByBertExtensions implements Function1<SparkSessionExtensions, BoxedUnit> {

    @Override
    public BoxedUnit apply(SparkSessionExtensions extensions) {
        for (SqlFunction function : SqlFunction.values()) {
            extensions.injectFunction(new Tuple3<>(new FunctionIdentifier(function.sqlName()),
                    FunctionInfo.of(function), new CallBuilder(function, ByBertExtensions::defaults)));
        }
        extensions.injectPlanNormalizationRule(session -> new ExtractCalls());
        extensions.injectPlanNormalizationRule(session -> new KeepForSampling());
        extensions.injectOptimizerRule(session -> new PushThroughCalls());
        extensions.injectPlannerStrategy(session -> new CallStrategy());
        return BoxedUnit.UNIT;
    }

    private static CallBuilder.Defaults defaults() {
        SparkSession session = SparkSession.active();
        return new CallBuilder.Defaults(
                new CallSettings(null, BatchOptions.DEFAULTS, SessionMetrics.of(session.sparkContext())),
                SessionSettings.of(session));
    }
}
