package org.bybert.job.evaluate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.bybert.job.data.JobSession;
import org.bybert.job.metrics.Breakdown;
import org.bybert.job.terminal.Failure;
import org.bybert.job.terminal.Terminal;
import org.bybert.job.terminal.UserError;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bybert report}: makes the report of a finished run again, without its model. */
@Command(
        name = "report",
        description = {
            "Makes report.html of a finished run of bybert evaluate --out again, from its predictions and metrics.json, which "
                    + "receives the numbers that are drawn; the model is not needed.",
            ""
        },
        sortOptions = false,
        footer = {"", "Example: bybert report results/wiki"})
public final class ReportCommand implements Callable<Integer> {

    /** Names of sets are text, whatever they look like. */
    static final Map<String, String> SETTINGS =
            Map.of("spark.sql.sources.partitionColumnTypeInference.enabled", "false");

    @Parameters(paramLabel = "DIR", description = "What evaluate wrote to --out.")
    private String folder;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        Terminal terminal = Terminal.of(spec.commandLine());
        SparkSession spark = JobSession.start("bybert report", SETTINGS, terminal);
        try {
            ResultFolder results =
                    ResultFolder.open(folder, spark.sparkContext().hadoopConfiguration());
            ObjectNode metrics = results.metrics();
            List<String> sets = sets(metrics);
            if (sets.isEmpty()) {
                throw new UserError(folder + ": expected the metrics.json of bybert evaluate, found one without sets");
            }
            Dataset<Row> predictions = results.predictions(spark);
            JsonNode settings = metrics.path("settings");
            metrics.putPOJO(
                    "breakdowns",
                    Breakdown.of(predictions, settings.path("unit").asText().equals("byte"), sets));
            results.write(
                    ReportPage.of(
                            metrics,
                            predictions,
                            sets,
                            settings.path("mask_token").asText("<mask>")),
                    metrics);
            terminal.print("report written to " + folder + "/report.html");
            return 0;
        } catch (Exception e) {
            // Spark throws SparkException without declaring it.
            throw Failure.ofFiles(e, folder, folder, "");
        } finally {
            spark.stop();
        }
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
}
