package org.bybert.job.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.bybert.job.DyingFileSystem;
import org.bybert.job.terminal.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that dies before any one of its operations, on stores with and without a rename in one step. */
class ResultFolderTest {

    @TempDir
    Path folder;

    /** Sets with the lengths of their files, which are the same for the same rows, and the metrics. */
    private static Map<String, String> found(Path out) throws IOException {
        Map<String, String> found = new TreeMap<>();
        try (Stream<Path> files = Files.walk(out)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = out.relativize(file).toString();
                if (name.matches("predictions/set=.*/part-.*|predictions/_temporary/.*")) {
                    found.merge(file.getParent().getFileName().toString(), Files.size(file) + " bytes", String::concat);
                } else {
                    found.put(name, Files.readString(file));
                }
            }
        }
        return found;
    }

    private static void run(String out, Dataset<Row> predictions, Configuration hadoop) {
        ResultFolder.prepare(out, true, hadoop)
                .write(predictions, "", "<html>", predictions.schema().json());
    }

    /** @return operations of a run that is not cut off */
    private int sweep(SparkSession spark, String scheme) throws IOException {
        Configuration hadoop = spark.sparkContext().hadoopConfiguration();
        Dataset<Row> old = spark.sql("SELECT concat('old', id) id, 'wiki' set FROM range(0, 3, 1, 1)");
        Dataset<Row> now = spark.sql("SELECT id, concat('s', id) set FROM range(0, 2, 1, 1)");
        DyingFileSystem.diesAfter(-1);
        run(scheme + ":" + folder.resolve("old"), old, hadoop);
        run(scheme + ":" + folder.resolve("new"), now, hadoop);
        Files.writeString(folder.resolve("old/notes.txt"), "kept");
        Files.writeString(folder.resolve("new/notes.txt"), "kept");
        Map<String, String> before = found(folder.resolve("old"));
        Map<String, String> wanted = found(folder.resolve("new"));
        for (int operations = 0; ; operations++) {
            Path out = folder.resolve(scheme + operations);
            String uri = scheme + ":" + out;
            FileUtils.copyDirectory(folder.resolve("old").toFile(), out.toFile());
            DyingFileSystem.diesAfter(operations);
            try {
                run(uri, now, hadoop);
            } catch (UserError e) {
                assertTrue(DyingFileSystem.hasDied(), e.toString());
            }
            boolean died = DyingFileSystem.hasDied();
            DyingFileSystem.diesAfter(-1);
            if (Files.exists(out.resolve("metrics.json"))) {
                Map<String, String> found = found(out);
                found.remove("_metrics.json.part");
                assertTrue(found.equals(before) || found.equals(wanted), "cut off after " + operations + ": " + found);
            }
            UserError refused = assertThrows(UserError.class, () -> ResultFolder.prepare(uri, false, hadoop));
            assertTrue(refused.getMessage().contains("--overwrite"), refused.getMessage());
            if (!died) {
                return operations;
            }
            run(uri, now, hadoop);
            assertEquals(wanted, found(out), "cut off after " + operations);
        }
    }

    @Test
    void aFolderWithMetricsIsCompleteWhereverARunIsCutOff() throws IOException {
        try (SparkSession spark = SparkSession.builder().master("local[1]").getOrCreate()) {
            Configuration hadoop = spark.sparkContext().hadoopConfiguration();
            DyingFileSystem.addTo(hadoop);
            hadoop.set("fs.hdfs.impl.disable.cache", "true");
            for (String scheme : List.of("hdfs", "store")) {
                int operations = sweep(spark, scheme);
                System.out.println(scheme + ": complete or refused, wherever it died: " + operations
                        + " operations of evaluate --overwrite");
                assertTrue(operations > 15);
            }
        }
    }
}
