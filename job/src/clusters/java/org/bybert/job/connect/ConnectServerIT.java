package org.bybert.job.connect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.launcher.JavaModuleOptions;
import org.bybert.job.Commands;
import org.bybert.job.Launch;
import org.bybert.job.Servers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Spark Connect servers and its client for the JVM, each in a JVM of its own: their classes clash with Spark's. */
class ConnectServerIT {

    private static final String JAR =
            Path.of("target/bybert.jar").toAbsolutePath().toString();
    private static final String EXTENSION = "org.bybert.udf.sql.ByBertExtensions";
    private static final String TEXTS = " FROM (SELECT concat(id, '番目の駅') AS text FROM range(0, 9, 1, 1))";
    private static final String CATALOG = "SET spark.sql.catalog.bybert=org.bybert.udf.sql.ByBertCatalog";
    private static final String MODEL = "SET spark.bybert.model=" + Commands.model();

    @TempDir
    static Path folder;

    private static Server plain;
    private static Server extended;

    /** @param log of the process */
    private record Server(Process process, int port, Path log) {}

    @BeforeAll
    static void startServers() throws Exception {
        // Builds what is not there yet.
        assertEquals(0, Launch.start(folder, "--version").await().exit());
        plain = server("plain");
        extended = server("extended", "--jars", JAR, "--conf", "spark.sql.extensions=" + EXTENSION);
    }

    @AfterAll
    static void stopServers() throws InterruptedException {
        for (Server server : new Server[] {plain, extended}) {
            if (server != null) {
                server.process().destroyForcibly().waitFor();
            }
        }
    }

    private static Server server(String name, String... options) throws IOException {
        int port = Servers.freePort();
        List<String> arguments =
                new ArrayList<>(List.of("org.apache.spark.deploy.SparkSubmit", "--master", "local[2]"));
        for (String conf : List.of(
                "spark.ui.enabled=false",
                "spark.driver.host=127.0.0.1",
                "spark.driver.bindAddress=127.0.0.1",
                "spark.connect.grpc.binding.address=127.0.0.1",
                "spark.connect.grpc.binding.port=" + port)) {
            arguments.addAll(List.of("--conf", conf));
        }
        arguments.addAll(List.of(options));
        arguments.addAll(
                List.of("--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal"));
        Path log = folder.resolve(name + ".log");
        return new Server(
                java(sparkJars("") + File.pathSeparator + Servers.fetched("spark-connect_2.13"), arguments)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start(),
                port,
                log);
    }

    /** The client's jar has its own classes of the names that it leaves out here. */
    private static List<String> answers(Server server, String... statements) throws Exception {
        String jars = String.join(
                File.pathSeparator,
                Path.of("target/test-classes").toAbsolutePath().toString(),
                Servers.fetched("spark-connect-client-jvm_2.13"),
                Servers.fetched("spark-connect-shims_2.13"),
                sparkJars("spark-(sql|sql-api|catalyst|core)_.*"));
        Path errors = folder.resolve("client.log");
        Process client = java(jars, List.of(ConnectClient.class.getName(), "sc://127.0.0.1:" + server.port()))
                .redirectError(errors.toFile())
                .start();
        try (var in = client.outputWriter(StandardCharsets.UTF_8)) {
            in.write(Stream.of(statements).map(s -> s + "\n").collect(Collectors.joining()));
        }
        List<String> lines = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        String all = lines + "\n" + Files.readString(errors);
        assertEquals(0, client.waitFor(), all);
        assertEquals(statements.length, lines.size(), all);
        return lines;
    }

    private static ProcessBuilder java(String classPath, List<String> arguments) {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin/java").toString(), "-Xmx1g", "-cp", classPath));
        command.addAll(1, List.of(JavaModuleOptions.defaultModuleOptionArray()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
        return builder;
    }

    private static String sparkJars(String without) throws IOException {
        try (Stream<Path> jars = Files.list(Path.of("target/spark/jars"))) {
            return jars.filter(jar -> !jar.getFileName().toString().matches(without))
                    .map(jar -> jar.toAbsolutePath().toString())
                    .collect(Collectors.joining(File.pathSeparator));
        }
    }

    private static void assertRefused(String condition, String message, String answer) {
        assertTrue(answer.startsWith("error " + condition) && answer.contains(message), answer);
    }

    @Test
    void withTheExtensionFunctionsAreThoseOfSqlAndSessionsShareOneModel() throws Exception {
        List<String> answers = answers(
                extended,
                MODEL,
                "SELECT slice(bybert_embed(text), 1, 3)" + TEXTS,
                "SELECT slice(bybert_embed(text, pooling => 'mean'), 1, 3)" + TEXTS,
                "SELECT slice(bybert_embed(text, pooling => 'cls'), 1, 3)" + TEXTS,
                "SELECT bybert_embed(text, pooling => 'median')" + TEXTS,
                "SELECT bybert_embed(5)",
                "NEW",
                "SELECT bybert_embed('海')",
                MODEL,
                "SELECT slice(bybert_embed(text), 1, 3)" + TEXTS);
        assertTrue(
                answers.get(1).matches("(?s)\\[(.*ArraySeq\\([-0-9.E]+, [-0-9.E]+, [-0-9.E]+\\)){9}.*"),
                answers.get(1));
        assertEquals(answers.get(1), answers.get(2));
        assertNotEquals(answers.get(1), answers.get(3));
        assertRefused(
                "USER_RAISED_EXCEPTION", "argument pooling: expected [mean, cls, max], found 'median'", answers.get(4));
        assertRefused("DATATYPE_MISMATCH", "expected a text of type string, found int", answers.get(5));
        assertRefused("USER_RAISED_EXCEPTION", "no model: SET spark.bybert.model=FOLDER", answers.get(7));
        assertEquals(answers.get(1), answers.get(9));
        String log = Files.readString(extended.log());
        assertEquals(
                1, log.lines().filter(line -> line.contains("Models: opened")).count(), log);
    }

    /** A session that brings the jar itself; its functions are those of the catalog, and of the session from then on. */
    @Test
    void withoutTheExtensionASessionBringsTheJarAndSetsTheCatalog() throws Exception {
        for (String jar : List.of("ARTIFACT " + JAR, "ADD JAR '" + JAR + "'")) {
            List<String> answers = answers(
                    plain,
                    CATALOG,
                    MODEL,
                    "SELECT bybert.embed('海')",
                    jar,
                    "SELECT slice(bybert.embed(text), 1, 3)" + TEXTS,
                    "SELECT slice(bybert_embed(text, pooling => 'mean'), 1, 3)" + TEXTS,
                    "EXPLAIN SELECT bybert.embed(text)" + TEXTS,
                    "SELECT bybert.embed(text, pooling => 'cls')" + TEXTS,
                    "SELECT bybert.embed(5)",
                    "SELECT bybert.nothing('海')",
                    "CREATE OR REPLACE TEMPORARY VIEW stops AS SELECT text" + TEXTS,
                    "CALL bybert.evaluate(map('stops', 'stops'), map('unit', 'char', 'no_detect', 'true'))",
                    "CALL bybert.nothing()",
                    "SET spark.sql.catalog.bybert.pooling=median",
                    "SELECT bybert.embed('海')",
                    "NEW",
                    "SELECT bybert_embed('海')");
            assertRefused("", "Cannot find catalog plugin class for catalog 'bybert'", answers.get(2));
            assertTrue(answers.get(4).contains("ArraySeq("), answers.get(4));
            assertEquals(answers.get(4), answers.get(5));
            assertTrue(answers.get(6).contains("EvaluateCalls"), answers.get(6));
            assertRefused("", "SET spark.sql.catalog.bybert.pooling=…", answers.get(7));
            assertRefused("", "expected a text of type string", answers.get(8));
            assertRefused("UNRESOLVED_ROUTINE", "nothing", answers.get(9));
            assertTrue(answers.get(11).startsWith("[[stops,cnt,42,9,0,0,1,9,char,"), answers.get(11));
            assertRefused("", "nothing", answers.get(12));
            assertRefused(
                    "USER_RAISED_EXCEPTION",
                    "spark.sql.catalog.bybert.pooling: expected [mean, cls, max]",
                    answers.get(14));
            assertRefused("UNRESOLVED_ROUTINE", "bybert_embed", answers.get(16));
        }
    }
}
