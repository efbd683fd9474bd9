package org.bybert.job.metrics;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.bybert.job.metrics.SetMetrics.Accuracy;

/**
 * Minimal pairs: of two sentences a model should find the good one more probable.
 *
 * @param pairs   rows
 * @param scored  pairs of which both sentences have a score
 * @param ties    scored pairs with equal scores; in neither share is the good one higher then
 * @param byScore share in which the good one has the higher score per byte
 * @param bySum   share in which it has the higher sum of log-probabilities, which the shorter sentence often has
 */
public record PairMetrics(long pairs, long scored, long ties, Accuracy byScore, Accuracy bySum) {

    private static final long SEED = 42;

    /**
     * @param pairs with columns {@code id}, {@code good_score}, {@code bad_score}, {@code good_logprob} and
     *              {@code bad_logprob}, null where there is no score; pairs of one id are drawn together
     */
    public static PairMetrics of(Dataset<Row> pairs) {
        Column interval = Bootstrap.over(SEED);
        Column both = col("good_score").isNotNull().and(col("bad_score").isNotNull());
        Row row = pairs.select(
                        col("id"),
                        number(both).as("words"),
                        number(col("good_score").gt(col("bad_score"))).as("correctWords"),
                        number(both).as("bytes"),
                        number(col("good_logprob").gt(col("bad_logprob"))).as("correctBytes"),
                        number(col("good_score").equalTo(col("bad_score"))).as("ties"))
                .agg(
                        count(lit(1)).as("pairs"),
                        total("words").as("scored"),
                        total("correctWords").as("correctWords"),
                        total("correctBytes").as("correctBytes"),
                        total("ties").as("ties"),
                        interval.as("ci"))
                .select("pairs", "scored", "correctWords", "correctBytes", "ties", "ci.*")
                .head();
        return new PairMetrics(
                row.getAs("pairs"),
                row.getAs("scored"),
                row.getAs("ties"),
                Accuracy.of(row, "scored", "correctWords", "wordLow", "wordHigh"),
                Accuracy.of(row, "scored", "correctBytes", "byteLow", "byteHigh"));
    }

    private static Column number(Column condition) {
        return when(condition, 1L).otherwise(0L);
    }

    private static Column total(String column) {
        return coalesce(sum(column), lit(0L));
    }
}
