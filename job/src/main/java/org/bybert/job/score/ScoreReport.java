package org.bybert.job.score;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sha2;
import static org.bybert.job.score.Scoring.BAD;
import static org.bybert.job.score.Scoring.GOOD;
import static org.bybert.job.score.Scoring.ROW;
import static org.bybert.job.score.Scoring.TEXT;
import static org.bybert.job.terminal.Texts.count;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.bybert.encoder.batch.TextProblem;
import org.bybert.job.metrics.PairMetrics;
import org.bybert.job.metrics.SetMetrics;
import org.bybert.job.metrics.SetMetrics.Accuracy;
import org.bybert.job.score.Scoring.Method;
import org.bybert.job.terminal.Terminal;
import org.bybert.job.terminal.TextTable;
import org.bybert.job.terminal.Texts;
import org.bybert.job.terminal.UserError;
import org.bybert.udf.ModelReference;
import org.bybert.udf.masked.ScoreMethod;
import org.bybert.udf.words.Unit;

/** What the terminal shows of scored rows; their columns are those that {@link Scoring} makes. */
record ScoreReport(Terminal terminal) {

    /** Rows that are named for each reason why they failed. */
    private static final int NAMED = 5;

    /** Of one width but for the text, which comes last: how wide it is nobody knows. */
    void print(Iterator<Row> rows) {
        terminal.print(String.format(Locale.ROOT, "%6s  %8s  %10s  %s", ROW, "score", "perplexity", TEXT));
        while (rows.hasNext()) {
            Row row = rows.next();
            String error = row.getAs("error");
            terminal.print(
                    error != null
                            ? String.format(Locale.ROOT, "%6d  %8s  %10s  (%s)", row.<Long>getAs(ROW), "-", "-", error)
                            : String.format(
                                    Locale.ROOT,
                                    "%6d  %8.4f  %10.4g  %s",
                                    row.<Long>getAs(ROW),
                                    row.<Double>getAs("score"),
                                    row.<Double>getAs("perplexity"),
                                    Texts.printable(row.getAs(TEXT))));
            if (terminal.out().checkError()) {
                throw new UserError("standard output was closed");
            }
        }
    }

    static String summary(ModelReference model, Method method, long scored, Row sums) {
        double logProbability = sums.getDouble(0);
        return String.format(
                Locale.ROOT,
                "%s scored by %s (%s): perplexity %.4g per character over all of them%s",
                Texts.rows(scored),
                model.name(),
                method.method() == ScoreMethod.BYTE || method.unit() == Unit.WORD
                        ? method.method()
                        : method.method() + " of unit " + method.unit().name().toLowerCase(Locale.ROOT),
                StrictMath.exp(-logProbability / sums.getLong(1)),
                sums.getLong(3) == 0 ? "" : ", " + count(sums.getLong(3)) + " truncated");
    }

    /** Says which rows failed and why; a row fails once, with however many methods. */
    long failures(Dataset<Row> result) {
        Map<String, Long> counts = new TreeMap<>();
        Map<String, List<String>> named = new TreeMap<>();
        long last = 0;
        Iterator<Row> failed = result.filter(col("error").isNotNull())
                .select(col(ROW), col("error"))
                .orderBy(ROW)
                .toLocalIterator();
        while (failed.hasNext()) {
            Row row = failed.next();
            if (row.getLong(0) != last) {
                last = row.getLong(0);
                String kind = TextProblem.kind(row.getString(1).replaceFirst("^(good|bad): ", ""));
                long count = counts.merge(kind, 1L, Long::sum);
                if (count <= NAMED + 1) {
                    named.computeIfAbsent(kind, first -> new ArrayList<>()).add(count <= NAMED ? "" + last : "...");
                }
            }
        }
        named.forEach((kind, rows) -> terminal.remark(
                Texts.rows(counts.get(kind)) + " not scored (" + kind + "): " + String.join(", ", rows)));
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Pairs by each method. */
    void print(List<Method> methods, List<Dataset<Row>> scored) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("method", "pairs", "good higher", "95 % CI", "by the sum", "95 % CI", "ties", "failed"));
        for (int i = 0; i < methods.size(); i++) {
            // Pairs without an id are known by their texts, so that the interval does not depend on where they lie.
            Dataset<Row> pairs = scored.get(i);
            Column id = sha2(concat(coalesce(col(GOOD), lit("")), lit("\n"), coalesce(col(BAD), lit(""))), 256);
            PairMetrics metrics = PairMetrics.of(
                    Arrays.asList(pairs.columns()).contains("id")
                            ? pairs.withColumn("id", coalesce(col("id"), id))
                            : pairs.withColumn("id", id));
            rows.add(List.of(
                    methods.get(i).method().toString(),
                    count(metrics.scored()),
                    share(metrics.byScore()),
                    interval(metrics.byScore()),
                    share(metrics.bySum()),
                    interval(metrics.bySum()),
                    count(metrics.ties()),
                    count(metrics.pairs() - metrics.scored())));
        }
        terminal.out().print(TextTable.of(rows));
        terminal.out().flush();
    }

    private static String share(Accuracy share) {
        return share.masked() == 0 ? "-" : Texts.percent(share.accuracy());
    }

    private static String interval(Accuracy share) {
        return share.masked() <= SetMetrics.FEW
                ? "(n/a)"
                : String.format(Locale.ROOT, "%.1f-%.1f", 100 * share.low(), 100 * share.high());
    }
}
