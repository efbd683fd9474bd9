package org.bybert.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.bybert.job.Launch.Run;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the launcher makes of the terminal that it finds. */
class LauncherIT {

    @TempDir
    Path folder;

    /** Also: what the JVM warns of at each start is not on the terminal. */
    @Test
    void ctrlCReleasesTheOutputAndSaysHowToGoOn() throws Exception {
        Path input = folder.resolve("in.jsonl");
        Files.write(
                input,
                IntStream.range(0, 400)
                        .mapToObj(i -> "{\"id\":" + i + ",\"text\":\"港の朝" + i + "\"}")
                        .toList());
        Path output = folder.resolve("out");
        Launch embed = Launch.start(
                folder,
                "embed",
                "--master",
                "local[1]",
                "--input",
                input.toString(),
                "--text-expr",
                "if(reflect('java.lang.Thread', 'sleep', 100L) IS NULL, '', text)",
                "--id-column",
                "id",
                "--resume",
                "--output",
                output.toString());
        while (!Files.exists(output.resolve("_bybert/lock")) || !embed.output().contains("measuring")) {
            assertTrue(embed.process().isAlive(), embed.output());
            TimeUnit.MILLISECONDS.sleep(100);
        }
        new ProcessBuilder("kill", "-INT", String.valueOf(embed.process().pid()))
                .start()
                .waitFor();
        Run run = embed.await();
        assertEquals(130, run.exit(), run.out());
        assertEquals(
                "bybert: interrupted; run the same command again with --resume to go on",
                run.out().lines().reduce("", (before, line) -> line));
        assertTrue(run.out().lines().allMatch(line -> line.startsWith("bybert: ")), run.out());
        assertFalse(Files.exists(output.resolve("_bybert/lock")));
    }

    private Run fill(Map<String, String> environment) throws Exception {
        return Launch.start(folder, environment, "fill-mask", "--format", "table", "--text", "港の朝<mask>")
                .await();
    }

    @Test
    void textIsUtf8WhateverTheLocaleSays() throws Exception {
        Run expected = fill(Map.of("LC_ALL", "C.UTF-8"));
        assertTrue(expected.out().contains("港の朝"), expected.out());
        for (Map<String, String> locale : List.of(
                Map.of("LANG", "ja_JP.UTF-8", "LC_ALL", ""),
                Map.of("LANG", "xx", "LC_ALL", ""),
                Map.of("LC_CTYPE", "ja_JP.eucJP", "LC_ALL", ""),
                Map.of("LANG", "C", "LC_ALL", ""))) {
            Run run = fill(locale);
            assertEquals(0, run.exit(), run.out());
            assertEquals(expected.out(), run.out(), locale.toString());
        }
        Run all = fill(Map.of("LC_ALL", "ja_JP.UTF-8"));
        // bash itself remarks on it.
        assertTrue(all.out().endsWith(expected.out()), all.out());
    }

    @Test
    void temporaryFilesNeedAPlace() throws Exception {
        Path missing = folder.resolve("missing");
        Run run = Launch.start(folder, Map.of("TMPDIR", missing.toString()), "evaluate")
                .await();
        assertEquals(1, run.exit(), run.out());
        assertEquals(
                "bybert: " + missing + ": expected a folder for temporary files that can be written; "
                        + "name another one, e.g. TMPDIR=/var/tmp\n",
                run.out());
    }

    /** As containers have users: no line in /etc/passwd, no home. */
    @Test
    void aUserWithoutANameRunsEveryCommand() throws Exception {
        List<String> nameless = List.of(
                "sh",
                "-c",
                "exec setpriv --reuid=12345 --regid=12345 --clear-groups env -u HOME -u USER -u HADOOP_USER_NAME \"$@\"",
                "-");
        List<String> trial = new ArrayList<>(nameless);
        trial.addAll(List.of("sh", "-c", "test -r \"$0\" && ! id -un", System.getProperty("bybert.launcher")));
        assumeTrue(new ProcessBuilder(trial).start().waitFor() == 0, "needs root, setpriv and folders others may read");

        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        Path input = Files.writeString(folder.resolve("in.jsonl"), "{\"id\":1,\"text\":\"港の朝は早く、船が三隻出て行った。\"}");
        for (List<String> arguments : List.of(
                List.of("inspect", "--no-detect"),
                List.of("fill-mask", "--text", "港の朝<mask>"),
                List.of("evaluate", "--data", "港=" + input, "--out", folder + "/scores"),
                List.of("embed", "--input", input.toString(), "--id-column", "id", "--output", folder + "/vectors"))) {
            Run run = Launch.start(folder, Map.of(), nameless, arguments.toArray(String[]::new))
                    .await();
            assertEquals(0, run.exit(), arguments + "\n" + run.out());
        }
    }

    /** A store of a jar that is not Spark's. */
    public static final class ShelfFileSystem extends RawLocalFileSystem {
        @Override
        public URI getUri() {
            return URI.create("shelf:///");
        }
    }

    @Test
    void jarsOfStoresWorkWithoutASparkSessionToo() throws Exception {
        Path jar = folder.resolve("shelf.jar");
        String name = ShelfFileSystem.class.getName().replace('.', '/') + ".class";
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar));
                InputStream code = ShelfFileSystem.class.getClassLoader().getResourceAsStream(name)) {
            zip.putNextEntry(new ZipEntry(name));
            code.transferTo(zip);
        }
        String model = "shelf://"
                + Path.of(System.getProperty("bybert.data-samples"), "bybert-jp-mini")
                        .toRealPath();
        Path input = Files.writeString(folder.resolve("in.txt"), "港の朝<mask>\n");
        String setting = "spark.hadoop.fs.shelf.impl=" + ShelfFileSystem.class.getName();
        Run run = Launch.start(
                        folder,
                        "fill-mask",
                        "--model",
                        model,
                        "--input",
                        "shelf://" + input,
                        "--jars",
                        jar.toString(),
                        "--conf",
                        setting)
                .await();
        assertEquals(0, run.exit(), run.out());
        assertTrue(run.out().contains("\nInput: 港の朝<mask>\nDecoded: 港の朝"), run.out());
        Run missing = Launch.start(folder, "inspect", "--model", model, "--conf", setting)
                .await();
        assertEquals(1, missing.exit(), missing.out());
        assertEquals(1, missing.out().lines().count(), missing.out());
        assertTrue(missing.out().endsWith(": --packages or --jars bring them\n"), missing.out());
    }

    @Test
    void clusterManagersThatThisSparkDoesNotKnowAreNamed() throws Exception {
        for (String master : List.of("yarn", "k8s://https://example.test:6443")) {
            Run run = Launch.start(folder, "evaluate", "--master", master).await();
            assertEquals(1, run.exit(), run.out());
            assertEquals(1, run.out().lines().count(), run.out());
            assertTrue(run.out().contains("set SPARK_HOME to a distribution of Spark 4"), run.out());
        }
        Path home = folder.resolve("spark");
        Files.createDirectories(home.resolve("jars"));
        Files.createFile(home.resolve("jars/spark-yarn_2.13-4.2.0.jar"));
        Map<String, String> environment =
                Map.of("SPARK_HOME", home.toString(), "HADOOP_CONF_DIR", "", "YARN_CONF_DIR", folder + "/none");
        Run run = Launch.start(folder, environment, "embed", "--conf", "spark.master=yarn")
                .await();
        assertEquals(1, run.exit(), run.out());
        assertEquals(
                "bybert: --master yarn: expected the folder of the cluster's core-site.xml and yarn-site.xml in "
                        + "HADOOP_CONF_DIR or YARN_CONF_DIR, found '' and '" + folder + "/none'\n",
                run.out());
    }
}
