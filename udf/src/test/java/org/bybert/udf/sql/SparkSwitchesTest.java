package org.bybert.udf.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;
import org.bybert.udf.TestModel;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The functions answer alike whatever a site has set for Spark. */
class SparkSwitchesTest {

    private static final List<String> QUERIES = List.of(
            "SELECT id, bybert_embed(t), bybert_fill_mask(t), bybert_score(t, unit => 'char'), bybert_check(t), "
                    + "bybert_mask_words(t, 0.5, 7, unit => 'char') FROM texts ORDER BY id",
            "SELECT a.id, f.text FROM texts a JOIN (SELECT id, bybert_fill_mask(t) f FROM texts) b ON a.id = b.id "
                    + "WHERE f.score > 0 OR a.id = 4 ORDER BY f.score, a.id",
            "SELECT f.text, count(*), max(f.score) FROM (SELECT bybert_fill_mask(t) f FROM texts) GROUP BY 1 ORDER BY 1",
            "SELECT CASE WHEN id > 2 THEN bybert_embed(t)[0] END FROM texts ORDER BY id",
            "SELECT id FROM texts ORDER BY bybert_score(t, unit => 'char'), id");

    private static List<String> plain;

    @BeforeAll
    static void answerWithoutSwitches() throws IOException {
        SparkSession.builder().getOrCreate().stop();
        plain = answers(Map.of());
    }

    private static List<String> answers(Map<String, String> switches) throws IOException {
        SparkSession.Builder builder = SparkSession.builder()
                .config("spark.sql.extensions", ByBertExtensions.class.getName())
                .config("spark.bybert.model", TestModel.folder().toString());
        switches.forEach(builder::config);
        try (SparkSession spark = builder.getOrCreate()) {
            spark.sql("SELECT * FROM VALUES (1, '京都は<mask><mask><mask>である。'), (2, '海<mask>'), (3, '山'), (4, ''), "
                            + "(5, NULL), (6, '空と海') AS v(id, t)")
                    .repartition(3)
                    .cache()
                    .createOrReplaceTempView("texts");
            return QUERIES.stream()
                    .map(query -> spark.sql(query).collectAsList().toString())
                    .toList();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"""
                spark.serializer=org.apache.spark.serializer.KryoSerializer
                spark.kryo.registrationRequired=true
                spark.io.encryption.enabled=true
                spark.sql.shuffle.partitions=1
                spark.sql.autoBroadcastJoinThreshold=-1
                spark.sql.session.timeZone=America/New_York
                """, """
                spark.sql.ansi.enabled=false
                spark.sql.caseSensitive=true
                spark.sql.codegen.wholeStage=false
                spark.sql.codegen.factoryMode=NO_CODEGEN
                spark.sql.adaptive.enabled=false
                spark.sql.legacy.sizeOfNull=true
                """, """
                spark.sql.ansi.enforceReservedKeywords=true
                spark.sql.parser.quotedRegexColumnNames=true
                spark.sql.subexpressionElimination.enabled=false
                spark.sql.optimizer.excludedRules=org.apache.spark.sql.catalyst.optimizer.ColumnPruning,\
                org.apache.spark.sql.catalyst.optimizer.CollapseProject,\
                org.apache.spark.sql.catalyst.optimizer.PushDownPredicates,\
                org.apache.spark.sql.catalyst.optimizer.ConstantFolding,\
                org.apache.spark.sql.catalyst.optimizer.InferFiltersFromConstraints,\
                org.bybert.udf.sql.plan.EvaluateCalls$PushThroughCalls
                """})
    void answersAreTheSame(String switches) throws IOException {
        assertEquals(
                plain,
                answers(Arrays.stream(switches.strip().split("\\s+"))
                        .map(line -> line.split("=", 2))
                        .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]))));
    }
}
