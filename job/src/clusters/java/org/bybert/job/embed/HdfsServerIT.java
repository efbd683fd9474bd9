package org.bybert.job.embed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.bybert.job.Launch;
import org.bybert.job.Readme;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of the README on a name node and a data node in this JVM. */
class HdfsServerIT {

    @TempDir
    Path folder;

    private static void write(FileSystem hdfs, String name, int rows, int days) throws Exception {
        String lines = IntStream.range(0, rows)
                .mapToObj(i -> "{\"id\":\"" + name + i + "\",\"day\":" + (1 + i % days) + ",\"text\":\"" + i
                        + "本の木が並ぶ坂を上ると、海が見えた。\"}\n")
                .collect(Collectors.joining());
        try (OutputStream out = hdfs.create(new org.apache.hadoop.fs.Path("/" + name + ".jsonl"))) {
            out.write(lines.getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void theCommandsOfTheReadme() throws Exception {
        Configuration settings = new Configuration();
        settings.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.toString());
        MiniDFSCluster cluster = new MiniDFSCluster.Builder(settings).build();
        try (FileSystem hdfs = cluster.getFileSystem()) {
            write(hdfs, "texts", 40, 2);
            write(hdfs, "new", 20, 1);
            for (List<String> command : Readme.commands("HDFS")) {
                List<String> arguments = new ArrayList<>();
                command.forEach(word -> arguments.add(word.replace(
                        "hdfs://namenode:8020", hdfs.getUri().toString())));
                arguments.addAll(List.of("--master", "local[2]"));
                Launch.Run run = Launch.start(folder, arguments.toArray(String[]::new)).await();
                assertEquals(0, run.exit(), run.out());
            }
            List<String> expected = new ArrayList<>();
            IntStream.range(0, 20).forEach(i -> expected.addAll(List.of("new" + i, "texts" + (2 * i + 1))));
            try (SparkSession spark = SparkSession.builder().getOrCreate()) {
                assertEquals(
                        expected.stream().sorted().toList(),
                        spark.read()
                                .parquet(hdfs.getUri() + "/vectors")
                                .select("id")
                                .as(Encoders.STRING())
                                .collectAsList()
                                .stream()
                                .sorted()
                                .toList());
            }
            assertTrue(hdfs.exists(new org.apache.hadoop.fs.Path("/evaluation/metrics.json")));
        } finally {
            cluster.shutdown();
        }
    }
}
