package org.bybert.job.conf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.launcher.SparkLauncher;
import org.bybert.job.Commands;
import org.bybert.job.Main;
import org.junit.jupiter.api.Test;

/** What the examples in {@code conf} would run is what this program takes. */
class ExamplesTest {

    private static final Path CONF = Commands.samples().resolveSibling("conf");

    @Test
    void kubernetesExampleRunsACommandOfThisProgram() throws IOException {
        JsonNode application = new YAMLMapper()
                .readTree(CONF.resolve("kubernetes/bybert-embed.yaml").toFile());
        assertEquals("SparkApplication", application.get("kind").asText());
        JsonNode spec = application.get("spec");
        assertEquals(Main.class.getName(), spec.get("mainClass").asText());
        assertTrue(
                spec.get("sparkVersion").asText().startsWith("4."),
                spec.get("sparkVersion").asText());
        List<String> arguments = new ArrayList<>();
        spec.get("arguments").forEach(argument -> arguments.add(argument.asText()));
        assertAccepted(arguments);
    }

    @Test
    void cronExampleRunsACommandOfThisProgram() throws IOException, InterruptedException {
        String line = Files.readAllLines(CONF.resolve("cron/bybert-embed")).stream()
                .filter(text -> text.matches("[0-9*].*"))
                .findFirst()
                .orElseThrow();
        String[] fields = line.split(" ", 7);
        assertTrue(Arrays.stream(fields, 0, 5).allMatch(field -> field.matches("[0-9*/,-]+")), line);
        // The shell cuts the command into words; cron has turned \% into % by then.
        String command = fields[6]
                .replace("\\%", "%")
                .replaceAll("\\S*/bin/bybert", "printf '%s\\\\n'")
                .replaceAll(">>.*", "");
        assertAccepted(outputOf("bash", "-c", command));
    }

    @Test
    void airflowExampleRunsACommandOfThisProgram() throws IOException, InterruptedException {
        assumeTrue(isPresent("python3"), "no python3 here");
        String arguments = """
                import ast, sys
                tree = ast.parse(open(sys.argv[1], encoding="utf-8").read())
                for call in ast.walk(tree):
                    if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "SparkSubmitOperator":
                        for keyword in call.keywords:
                            if keyword.arg == "java_class":
                                print(ast.literal_eval(keyword.value))
                            if keyword.arg == "application_args":
                                print("\\n".join(ast.literal_eval(keyword.value)))
                """;
        List<String> printed = outputOf(
                "python3",
                "-c",
                arguments,
                CONF.resolve("airflow/bybert_embed.py").toString());
        assertEquals(Main.class.getName(), printed.get(0));
        assertAccepted(printed.subList(1, printed.size()));
    }

    @Test
    void sparkDefaultsAreSparksProperties() throws IOException {
        for (String line : Files.readAllLines(CONF.resolve("spark-defaults.conf"))) {
            assertTrue(line.isBlank() || line.startsWith("#") || line.matches("spark\\.[A-Za-z.]+ +\\S.*"), line);
        }
        assertTrue(Files.readString(CONF.resolve("spark-defaults.conf")).contains(SparkLauncher.DRIVER_MEMORY));
    }

    private static void assertAccepted(List<String> arguments) {
        assertTrue(arguments.size() > 1, arguments.toString());
        Main.commandLine().parseArgs(arguments.toArray(String[]::new));
    }

    private static boolean isPresent(String program) {
        try {
            return new ProcessBuilder(program, "--version").start().waitFor() == 0;
        } catch (IOException | InterruptedException e) {
            return false;
        }
    }

    private static List<String> outputOf(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        assertEquals(0, process.waitFor(), "exit code of " + command[0]);
        return lines;
    }
}
