package org.bybert.job.evaluate;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.size;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.bybert.job.metrics.Breakdown;
import org.bybert.job.terminal.SmallFile;
import org.bybert.udf.masked.MaskedWordTask;

/**
 * {@code report.html}: one file that shows a run in any browser. It holds Apache ECharts, {@code metrics.json}, in
 * which every number is that is drawn, and some examples, and fetches nothing.
 */
final class ReportPage {

    private static final String CHARTS = "/META-INF/resources/webjars/echarts/5.3.1/dist/echarts.common.min.js";
    private static final int EXAMPLES = 40;

    private ReportPage() {}

    /**
     * @param metrics     content of {@code metrics.json}, which receives what is drawn as its {@code breakdowns}
     * @param predictions of the run
     */
    static String of(ObjectNode metrics, Dataset<Row> predictions) {
        JsonNode settings = metrics.path("settings");
        List<String> sets = sets(metrics);
        metrics.putPOJO(
                "breakdowns",
                Breakdown.of(predictions, settings.path("unit").asText().equals("byte"), sets));
        ObjectNode data = SmallFile.MAPPER.createObjectNode();
        data.set("metrics", metrics);
        data.put("mask", settings.path("mask_token").asText("<mask>"))
                .put("positions", Breakdown.POSITIONS)
                .put("shares", Breakdown.SHARES)
                .put("most_characters", Breakdown.MOST_CHARACTERS)
                .put("most_bytes", Breakdown.MOST_BYTES);
        data.set("examples", examples(predictions, sets));
        return of(data);
    }

    /** Their names, in the order of the run. */
    static List<String> sets(JsonNode metrics) {
        return Stream.concat(Stream.of(metrics), stream(metrics.path("seeds")))
                .flatMap(run -> stream(run.path("sets")))
                .map(set -> set.path("set").asText())
                .distinct()
                .toList();
    }

    private static Stream<JsonNode> stream(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
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

    /** Of each set as many of the worst as of the best, each once. */
    private static ArrayNode examples(Dataset<Row> predictions, List<String> sets) {
        int each = Math.max(1, EXAMPLES / 2 / sets.size());
        Dataset<Row> scored = predictions
                .filter(col("status").equalTo(MaskedWordTask.SCORED))
                .withColumn("right", expr("size(filter(spans, s -> s.correct)) / size(spans)"));
        // As a table is read back its sets come last.
        Column[] shown = Stream.of("set", Evaluation.SEED, "id", "n_bytes", "masked_text", "spans")
                .filter(List.of(predictions.columns())::contains)
                .map(functions::col)
                .toArray(Column[]::new);
        ArrayNode examples = SmallFile.MAPPER.createArrayNode();
        Set<String> seen = new HashSet<>();
        sets.stream()
                .flatMap(set -> Stream.of("worst", "best")
                        .map(kind -> scored.filter(col("set").equalTo(set))
                                .orderBy(
                                        kind.equals("worst")
                                                ? col("right").asc()
                                                : col("right").desc(),
                                        size(col("spans")).desc(),
                                        col("id"))
                                .limit(each)
                                .select(shown)
                                .withColumn("kind", lit(kind))))
                .reduce(Dataset::union)
                .orElseThrow()
                .toJSON()
                .collectAsList()
                .forEach(json -> {
                    ObjectNode example = read(json);
                    JsonNode kind = example.remove("kind");
                    if (seen.add(example.toString())) {
                        examples.add(example.set("kind", kind));
                    }
                });
        return examples;
    }

    private static ObjectNode read(String json) {
        try {
            return (ObjectNode) SmallFile.MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
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
