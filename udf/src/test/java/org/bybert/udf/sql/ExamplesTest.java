package org.bybert.udf.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.bybert.udf.TestModel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The SQL of conf/examples, run as it stands. */
class ExamplesTest {

    private static final Path SAMPLES = TestModel.folder().getParent();
    private SparkSession spark;

    @BeforeEach
    void startSpark() {
        spark = SparkSession.builder()
                .config("spark.sql.extensions", ByBertExtensions.class.getName())
                .getOrCreate();
    }

    @AfterEach
    void stopSpark() {
        spark.stop();
    }

    private static String example(String name) throws IOException {
        return Files.readString(SAMPLES.resolveSibling("conf/examples").resolve(name))
                .replace("data-samples", SAMPLES.toString());
    }

    private List<List<Row>> run(List<String> statements) {
        List<List<Row>> results = new ArrayList<>();
        statements.forEach(statement -> results.add(spark.sql(statement).collectAsList()));
        return results;
    }

    @Test
    void nearestSentencesInSql() throws IOException {
        String sql = example("nearest-sentences.sql").replaceAll("(?m)^--.*$", "");
        List<List<Row>> results = run(Pattern.compile(";\\s*(\\n|$)")
                .splitAsStream(sql)
                .filter(s -> !s.isBlank())
                .toList());
        List<Row> nearest = results.get(results.size() - 2);
        assertEquals(5, nearest.size());
        for (int i = 1; i < nearest.size(); i++) {
            assertTrue(nearest.get(i - 1).getDouble(1) >= nearest.get(i).getDouble(1));
        }
        List<Row> pairs = results.get(results.size() - 1);
        assertEquals(3, pairs.size());
        pairs.forEach(pair -> assertTrue(pair.getDouble(3) > 0 && pair.getDouble(3) <= 1, pair::toString));
    }

    @Test
    void theStatementsOfThePythonExample() throws IOException {
        spark.sql("SET spark.bybert.model=" + TestModel.folder());
        spark.read()
                .json(SAMPLES.resolve("ichikara-style.jsonl").toString())
                .where("length(text) < 120")
                .createOrReplaceTempView("answers");
        List<String> statements = Pattern.compile("\"\"\"\\s*((?:CACHE|SELECT).*?)\"\"\"", Pattern.DOTALL)
                .matcher(example("nearest_sentences.py"))
                .results()
                .map((MatchResult match) -> match.group(1))
                .toList();
        List<List<Row>> results = run(statements);
        assertEquals(List.of(0, 3, 1), results.stream().map(List::size).toList());
        assertTrue(results.get(2).get(0).getString(0).startsWith("日本一高い山は"));
    }
}
