package org.bybert.job.fillmask;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.job.Commands;
import org.bybert.udf.ModelReference;
import org.bybert.udf.sql.ByBertFunctions;
import org.junit.jupiter.api.Test;

/** What the README says of filling masks, done as it says. */
class ReadmeTest {

    private static final String PROMPT = "$ job/bin/bybert ";
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```(\\w*)\\n(.*?)^```$");
    private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");

    private static Stream<String> blocks(String language) throws IOException {
        String readme = Files.readString(Commands.samples().resolveSibling("README.md"));
        return BLOCK.matcher(readme)
                .results()
                .filter(block -> block.group(1).equals(language))
                .map(block -> block.group(2));
    }

    /** Numbers may differ by one in the last place: sums of vectors of other widths do. */
    private static void assertSame(String expected, String found) {
        String[] said = expected.strip().split("\\s+", -1);
        String[] printed = found.strip().split("\\s+", -1);
        assertEquals(said.length, printed.length, found);
        for (int i = 0; i < said.length; i++) {
            if (said[i].matches("\\(?-?[0-9]+\\.[0-9]+\\)?")) {
                double number = Double.parseDouble(said[i].replaceAll("[()]", ""));
                int places =
                        said[i].replaceAll("[()]", "").replaceAll(".*\\.", "").length();
                assertEquals(
                        number,
                        Double.parseDouble(printed[i].replaceAll("[()]", "")),
                        1.1 * Math.pow(10, -places),
                        found);
            } else {
                assertEquals(said[i], printed[i], found);
            }
        }
    }

    @Test
    void commandsPrintWhatItShows() throws IOException {
        int run = 0;
        for (String block :
                blocks("").filter(b -> b.contains(PROMPT + "fill-mask ")).toList()) {
            for (String example : block.split("(?m)^(?=" + Pattern.quote(PROMPT) + ")", -1)) {
                String[] parts = example.split("\n", 2);
                List<String> words = new ArrayList<>();
                for (Matcher word = WORD.matcher(parts[0].substring(PROMPT.length())); word.find(); ) {
                    words.add(word.group(1) == null ? word.group(2) : word.group(1));
                }
                words.addAll(List.of("--model", Commands.model()));
                Commands.Result result = Commands.run(words.toArray(String[]::new));
                assertEquals(0, result.exit(), result.out());
                assertSame(parts[1], result.out());
                run++;
            }
        }
        assertTrue(run >= 4, run + " examples");
    }

    @Test
    void queriesAnswer() throws IOException {
        SparkSession spark = SparkSession.builder().getOrCreate();
        try {
            ByBertFunctions.register(spark, new ModelReference(Commands.model(), Map.of()), BatchOptions.DEFAULTS);
            spark.sql("SELECT 1 AS id, '川の<mask:3>は冷たい。' AS text, array('水', '魚') AS words")
                    .createOrReplaceTempView("prompts");
            List<String> queries = blocks("sql")
                    .flatMap(block -> Stream.of(block.split(";")))
                    .map(String::strip)
                    .filter(query -> query.matches("(?s)SELECT.*bybert_(fill_mask|choose).*"))
                    .toList();
            assertTrue(queries.size() >= 4, queries.toString());
            for (String query : queries) {
                spark.sql(query.replace("> 0.5", "> 0"))
                        .collectAsList()
                        .forEach(row -> assertTrue(row.length() > 0, query));
                assertTrue(spark.sql(query.replace("> 0.5", "> 0")).count() > 0, query);
            }
        } finally {
            spark.stop();
        }
    }
}
