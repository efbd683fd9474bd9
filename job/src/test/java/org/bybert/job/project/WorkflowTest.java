package org.bybert.job.project;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.bybert.job.Commands;
import org.junit.jupiter.api.Test;

/** The continuous integration, the build and the README speak of the same versions and commands. */
class WorkflowTest {

    private static final Path HOME = Commands.samples().getParent();

    @Test
    void matrixHasEveryJdkSparkAndProcessor() throws IOException {
        JsonNode matrix = workflow().at("/jobs/verify/strategy/matrix");
        assertEquals(List.of("17", "21", "25"), texts(matrix.get("java")));
        assertEquals(List.of("ubuntu-24.04", "ubuntu-24.04-arm"), texts(matrix.get("runner")));
        assertEquals(sparkVersionsOfTheBuild(), new TreeSet<>(texts(matrix.get("spark"))));
    }

    @Test
    void commandsAreThoseOfTheReadmeOrOfTheCheckOfEverything() throws IOException {
        String known = read("README.md") + read(".ci/run");
        List<String> commands = new ArrayList<>();
        workflow()
                .get("jobs")
                .forEach(job -> job.get("steps").forEach(step -> {
                    if (step.has("run")) {
                        commands.add(step.get("run").asText());
                    }
                }));
        assertEquals(3, commands.size(), commands.toString());
        for (String command : commands) {
            String plain = command.replace(" -B -ntp", "").replace(" -Dspark.version=${{ matrix.spark }}", "");
            assertTrue(known.contains(plain) || Files.isExecutable(HOME.resolve(plain)), plain);
        }
    }

    @Test
    void readmeNamesEveryTestedSpark() throws IOException {
        for (String version : sparkVersionsOfTheBuild()) {
            assertTrue(read("README.md").contains(version), version);
        }
    }

    @Test
    void changesAndExamplesNameThisVersion() throws IOException {
        String version = found("<version>([^<]+)</version>", read("pom.xml")).get(0);
        assertTrue(read(".github/CHANGELOG.md").contains("## " + version + "\n"), version);
        assertTrue(read("conf/kubernetes/bybert-embed.yaml").contains("bybert:" + version + "\n"), version);
    }

    private static Set<String> sparkVersionsOfTheBuild() throws IOException {
        String named = "(?:<spark\\.version>|<name>spark\\.version</name>\\s*<value>)([0-9.]+)";
        return new TreeSet<>(found(named, read("pom.xml")));
    }

    private static List<String> found(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    private static JsonNode workflow() throws IOException {
        return new YAMLMapper()
                .readTree(HOME.resolve(".github/workflows/verify.yml").toFile());
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(item -> texts.add(item.asText()));
        return texts;
    }

    private static String read(String file) throws IOException {
        return Files.readString(HOME.resolve(file));
    }
}
