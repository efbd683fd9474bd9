package org.bybert.job.evaluate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import org.bybert.job.data.JobSession;
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
            if (ReportPage.sets(metrics).isEmpty()) {
                throw new UserError(folder + ": expected the metrics.json of bybert evaluate, found one without sets");
            }
            results.write(ReportPage.of(metrics, results.predictions(spark)), metrics);
            terminal.print("report written to " + folder + "/report.html");
            return 0;
        } catch (Exception e) {
            // Spark throws SparkException without declaring it.
            throw Failure.ofFiles(e, folder, folder, "");
        } finally {
            spark.stop();
        }
    }
}
