package org.bybert.job.evaluate;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.size;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.bybert.job.metrics.Breakdown;
import org.bybert.job.terminal.SmallFile;
import org.bybert.udf.masked.MaskedWordTask;

/**
 * {@code report.html}: one file that shows a run in any browser. It holds Apache ECharts, {@code metrics.json}, in which
 * every number is that is drawn, and some examples, and fetches nothing.
 */
final class ReportPage {

    private static final String CHARTS = "/META-INF/resources/webjars/echarts/5.3.1/dist/echarts.common.min.js";
    private static final int EXAMPLES = 40;

    private ReportPage() {}

    /**
     * @param metrics     content of {@code metrics.json} with its {@code breakdowns}
     * @param predictions of the run
     * @param sets        their names
     * @param mask        the mask token in the texts of the predictions
     */
    static String of(ObjectNode metrics, Dataset<Row> predictions, List<String> sets, String mask) {
        ObjectNode data = SmallFile.MAPPER.createObjectNode();
        data.set("metrics", metrics);
        data.put("mask", mask)
                .put("positions", Breakdown.POSITIONS)
                .put("most_characters", Breakdown.MOST_CHARACTERS)
                .put("most_bytes", Breakdown.MOST_BYTES);
        ArrayNode examples = data.putArray("examples");
        int each = Math.max(1, EXAMPLES / 2 / sets.size());
        for (String set : sets) {
            Dataset<Row> scored = predictions
                    .filter(col("set").equalTo(set).and(col("status").equalTo(MaskedWordTask.SCORED)))
                    .withColumn("right", expr("size(filter(spans, s -> s.correct)) / size(spans)"));
            add(examples, scored, "worst", col("right").asc(), each);
            add(examples, scored, "best", col("right").desc(), each);
        }
        return of(data);
    }

    /** @param data what {@code report.js} draws */
    static String of(ObjectNode data) {
        try {
            // What closes a script must not be in it.
            String json = SmallFile.MAPPER.writeValueAsString(data).replace("<", "\\u003c");
            return resource("report.html")
                    .replace("{{style}}", resource("report.css"))
                    .replace("{{script}}", resource("report.js"))
                    .replace("{{echarts}}", resource(CHARTS))
                    .replace("{{data}}", json);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void add(ArrayNode examples, Dataset<Row> scored, String kind, Column order, int count) {
        scored.withColumn("kind", lit(kind))
                .orderBy(order, size(col("spans")).desc(), col("id"))
                .limit(count)
                .select("kind", "set", "id", "n_bytes", "masked_text", "spans")
                .toJSON()
                .collectAsList()
                .forEach(json -> {
                    try {
                        examples.add(SmallFile.MAPPER.readTree(json));
                    } catch (JsonProcessingException e) {
                        throw new UncheckedIOException(e);
                    }
                });
    }

    private static String resource(String name) {
        try (InputStream in = ReportPage.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new FileNotFoundException(name + " is missing in this jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
