package org.bybert.job.evaluate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.bybert.job.terminal.Failure;
import org.bybert.job.terminal.SmallFile;
import org.bybert.job.terminal.UserError;
import org.bybert.udf.masked.MaskedWordTask;
import org.bybert.udf.source.Stores;

/**
 * The folder given by {@code --out}: {@code predictions}, a table with a folder per set, {@code summary.txt}, what the
 * terminal shows, {@code report.html}, see {@link ReportPage}, and {@code metrics.json}, which is written last and goes
 * first, so that where it is all else is too.
 *
 * @param name as it was given
 */
record ResultFolder(FileSystem fileSystem, Path path, String name) {

    private static final String PREDICTIONS = "predictions";
    private static final String SUMMARY = "summary.txt";
    private static final String METRICS = "metrics.json";
    private static final String REPORT = "report.html";

    /**
     * Makes the folder for the results before anything is computed.
     *
     * @param overwrite whether results in it are removed
     * @throws UserError where it exists and must not be overwritten, or cannot be made
     */
    static ResultFolder prepare(String out, boolean overwrite, Configuration hadoop) {
        try {
            Path folder = new Path(out);
            FileSystem fileSystem = folder.getFileSystem(hadoop);
            if (fileSystem.exists(folder)) {
                if (!fileSystem.getFileStatus(folder).isDirectory()) {
                    throw new UserError("--out: " + out + ": expected a folder, found a file");
                }
                if (!overwrite) {
                    boolean finished = fileSystem.exists(new Path(folder, METRICS));
                    throw new UserError("--out: " + out + " exists"
                            + (finished ? "" : " and holds no " + METRICS + " (an unfinished run, or something else)")
                            + "; name another folder, or replace results in it with --overwrite");
                }
                // Only what this job writes: the folder may hold something else.
                fileSystem.delete(new Path(folder, METRICS), false);
                fileSystem.delete(new Path(folder, SUMMARY), false);
                fileSystem.delete(new Path(folder, REPORT), false);
                fileSystem.delete(new Path(folder, PREDICTIONS), true);
            }
            if (!fileSystem.mkdirs(folder)) {
                throw new UserError("--out: " + out + " cannot be made");
            }
            SmallFile.tryOut(fileSystem, folder);
            return new ResultFolder(fileSystem, folder, out);
        } catch (IOException | FSError | RuntimeException | NoClassDefFoundError e) {
            String advice = Stores.advice(e);
            throw e instanceof UserError error
                    ? error
                    : new UserError(
                            "--out: " + out + " cannot be written: " + (advice == null ? Failure.firstLine(e) : advice),
                            e);
        }
    }

    /**
     * @param summary content of {@code summary.txt}
     * @param report  content of {@code report.html}
     * @param metrics content of {@code metrics.json}
     */
    void write(Dataset<Row> predictions, String summary, String report, Object metrics) {
        try {
            predictions.write().partitionBy("set").parquet(new Path(path, PREDICTIONS).toString());
            SmallFile.writeText(fileSystem, new Path(path, SUMMARY), summary);
            write(report, metrics);
        } catch (Exception | FSError e) {
            // Spark throws SparkException without declaring it, Hadoop's local file system an Error.
            throw Failure.ofFiles(e, "--data", "--out: " + name, "; the figures above hold");
        }
    }

    /** In place of what is there. */
    void write(String report, Object metrics) {
        SmallFile.writeText(fileSystem, new Path(path, REPORT), report);
        SmallFile.writeJson(fileSystem, new Path(path, METRICS), metrics);
    }

    /**
     * A finished run.
     *
     * @throws UserError where the folder holds none
     */
    static ResultFolder open(String name, Configuration hadoop) {
        try {
            Path folder = new Path(name);
            FileSystem fileSystem = folder.getFileSystem(hadoop);
            for (String file : List.of(METRICS, PREDICTIONS)) {
                if (!fileSystem.exists(new Path(folder, file))) {
                    throw new UserError(name + ": expected a folder that bybert evaluate --out wrote, found no " + file
                            + (file.equals(METRICS) ? " (an unfinished run, or something else)" : ""));
                }
            }
            return new ResultFolder(fileSystem, folder, name);
        } catch (IOException | RuntimeException | NoClassDefFoundError e) {
            String advice = Stores.advice(e);
            throw e instanceof UserError error
                    ? error
                    : new UserError(name + ": cannot be read: " + (advice == null ? Failure.firstLine(e) : advice), e);
        }
    }

    /** Content of {@code metrics.json}. */
    ObjectNode metrics() {
        return SmallFile.readJson(fileSystem, new Path(path, METRICS), ObjectNode.class);
    }

    /**
     * The table, as some version wrote it.
     *
     * @throws UserError where it is another one
     */
    Dataset<Row> predictions(SparkSession spark) {
        Path table = new Path(path, PREDICTIONS);
        try {
            Dataset<Row> read = spark.read().parquet(table.toString());
            String missing = Stream.of(MaskedWordTask.SCHEMA.fieldNames())
                    .filter(column -> !List.of(read.columns()).contains(column))
                    .collect(Collectors.joining(", "));
            if (!missing.isEmpty()) {
                throw new UserError(name + "/" + PREDICTIONS
                        + ": expected the columns that bybert evaluate writes, found no " + missing);
            }
            return read;
        } catch (Exception e) {
            // Spark throws AnalysisException without declaring it.
            throw e instanceof UserError error
                    ? error
                    : new UserError(name + "/" + PREDICTIONS + ": cannot be read: " + Failure.firstLine(e), e);
        }
    }
}
