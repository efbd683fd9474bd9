package org.bybert.job.evaluate;

import static org.apache.spark.sql.functions.lit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.bybert.job.data.JobSession;
import org.bybert.job.metrics.Comparison;
import org.bybert.job.metrics.Comparison.Difference;
import org.bybert.job.terminal.Failure;
import org.bybert.job.terminal.SmallFile;
import org.bybert.job.terminal.Terminal;
import org.bybert.job.terminal.TextTable;
import org.bybert.job.terminal.Texts;
import org.bybert.job.terminal.UserError;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bybert compare}: the first run against each of the others. */
@Command(
        name = "compare",
        description = {
            "Compares runs of bybert evaluate --out that masked the same words: by how much each of the others is better than "
                    + "the first, with 95 % intervals of the differences by a bootstrap over the examples.",
            ""
        },
        sortOptions = false,
        footer = {"", "Example: bybert compare results/100m results/400m --html comparison.html"})
public final class CompareCommand implements Callable<Integer> {

    @Parameters(arity = "2..*", paramLabel = "DIR", description = "What evaluate wrote to --out; at least two.")
    private List<String> folders;

    @Option(names = "--html", paramLabel = "FILE", description = "Receives a page that shows the comparison.")
    private String html;

    @Spec
    private CommandSpec spec;

    /** One run of those that are compared. */
    private record Run(String name, JsonNode metrics, Dataset<Row> predictions) {

        JsonNode setting(String key) {
            return metrics.path("settings").path(key);
        }
    }

    @Override
    public Integer call() {
        if (folders.stream().distinct().count() < folders.size()) {
            throw new ParameterException(spec.commandLine(), "expected different runs, found one twice: " + folders);
        }
        Terminal terminal = Terminal.of(spec.commandLine());
        SparkSession spark = JobSession.start("bybert compare", ReportCommand.SETTINGS, terminal);
        try {
            List<Run> runs = folders.stream().map(folder -> open(folder, spark)).toList();
            Run first = runs.get(0);
            ArrayNode comparisons = SmallFile.MAPPER.createArrayNode();
            List<List<String>> rows = new ArrayList<>();
            String unit = first.setting("unit").asText();
            rows.add(List.of(
                    "set", "run", unit + "s", "first", "other", "difference", "95 % CI", "", "bytes", "95 % CI"));
            for (Run other : runs.subList(1, runs.size())) {
                check(first, other);
                List<String> sets = ReportPage.sets(first.metrics);
                Comparison.of(
                                first.predictions,
                                other.predictions,
                                first.setting("seed").asLong())
                        .stream()
                        .sorted(Comparator.comparingInt(compared -> sets.indexOf(compared.set())))
                        .forEach(compared -> {
                            comparisons.addObject().put("run", other.name).putPOJO("comparison", compared);
                            rows.add(row(other, compared));
                        });
            }
            terminal.out().println();
            terminal.out().println("Compared with " + first.name + " (" + model(first) + ")");
            terminal.out().println();
            terminal.out().print(TextTable.of(rows));
            terminal.out().println();
            runs.subList(1, runs.size()).forEach(run -> terminal.print(run.name + ": " + model(run)));
            if (html != null) {
                write(spark, comparisons, runs, unit);
                terminal.print("page written to " + html);
            }
            return 0;
        } catch (Exception e) {
            // Spark throws SparkException without declaring it.
            throw Failure.ofFiles(e, "a run", "--html: " + html, "");
        } finally {
            spark.stop();
        }
    }

    private static Run open(String folder, SparkSession spark) {
        ResultFolder results = ResultFolder.open(folder, spark.sparkContext().hadoopConfiguration());
        Dataset<Row> predictions = results.predictions(spark);
        boolean several = Arrays.asList(predictions.columns()).contains(Evaluation.SEED);
        return new Run(
                folder, results.metrics(), several ? predictions : predictions.withColumn(Evaluation.SEED, lit(0L)));
    }

    private static String model(Run run) {
        return run.setting("model").asText() + ", fingerprint "
                + run.setting("model_fingerprint").asText();
    }

    /** @throws UserError where the two did not mask the same */
    private static void check(Run first, Run other) {
        for (String key : List.of("unit", "mask_rate", "seed")) {
            if (!first.setting(key).equals(other.setting(key))) {
                throw new UserError("expected runs that mask the same, found " + key + " " + shown(first, key) + " in "
                        + first.name + " and " + shown(other, key) + " in " + other.name);
            }
        }
        List<String> sets = ReportPage.sets(first.metrics);
        List<String> others = ReportPage.sets(other.metrics);
        if (!Set.copyOf(sets).equals(Set.copyOf(others))) {
            throw new UserError("expected runs on the same sets, found " + sets + " in " + first.name + " and " + others
                    + " in " + other.name);
        }
        String misfit = Comparison.misfit(first.predictions, other.predictions);
        if (misfit != null) {
            throw new UserError("expected runs that mask the same, found " + first.name + " and " + other.name + ": "
                    + misfit + "; evaluate both with the same data, segmenter, seed and limits");
        }
    }

    /** A run with several seeds has none. */
    private static String shown(Run run, String key) {
        return key.equals(Evaluation.SEED) && run.setting(key).isNull()
                ? String.join(", ", run.metrics.path("seeds").findValuesAsText(key))
                : run.setting(key).toString();
    }

    private static List<String> row(Run run, Comparison compared) {
        Difference unit = compared.unit();
        return List.of(
                compared.set(),
                run.name,
                Texts.count(compared.units()),
                Texts.percent(unit.first()),
                Texts.percent(unit.other()),
                points(unit.difference()),
                interval(unit),
                unit.verdict(),
                points(compared.bytes().difference()),
                interval(compared.bytes()));
    }

    private static String points(double share) {
        return String.format(Locale.ROOT, "%+.1f", 100 * share);
    }

    private static String interval(Difference difference) {
        return difference.low() == null
                ? "(n/a)"
                : String.format(Locale.ROOT, "%+.1f to %+.1f", 100 * difference.low(), 100 * difference.high());
    }

    private void write(SparkSession spark, ArrayNode comparisons, List<Run> runs, String unit)
            throws java.io.IOException {
        ObjectNode data = SmallFile.MAPPER.createObjectNode();
        data.put("unit", unit);
        data.set("comparisons", comparisons);
        ArrayNode models = data.putArray("runs");
        for (Run run : runs) {
            ObjectNode model = models.addObject().put("run", run.name);
            for (String key : List.of("settings", "code_version", "spark_version", "java_version", "executors")) {
                model.set(key, run.metrics.path(key));
            }
        }
        Path target = new Path(html);
        SmallFile.writeText(
                target.getFileSystem(spark.sparkContext().hadoopConfiguration()), target, ReportPage.of(data));
    }
}
