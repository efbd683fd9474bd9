package org.bybert.udf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.bybert.encoder.checkpoint.ModelFiles;
import org.bybert.encoder.checkpoint.Preset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelReferenceTest {

    /** In a JVM of its own, as BYBERT_HOME is part of its environment. */
    @Test
    void theInstalledPresetFillsWhatTheFilesLeaveOpenHoweverTheModelIsOpened(@TempDir Path folder) throws Exception {
        Path model = Files.createDirectory(folder.resolve("model"));
        for (String name : ModelFiles.list(TestModel.folder())) {
            Files.copy(TestModel.folder().resolve(name), model.resolve(name));
        }
        ObjectNode config = (ObjectNode)
                new ObjectMapper().readTree(model.resolve("config.json").toFile());
        config.remove("rope_theta");
        config.put("_name_or_path", "me/mine");
        Files.writeString(model.resolve("config.json"), config.toString());
        Path presets = Files.createDirectories(folder.resolve("home/conf/models"));
        Files.writeString(presets.resolve("mine.json"), """
                {"hub_id": "me/mine",
                 "parameters": {"value": 1, "source": "test", "confirmed": true},
                 "training_length": {"value": 1, "source": "test", "confirmed": true},
                 "query_key_value_bias": {"value": false, "source": "test", "confirmed": true},
                 "config.json": {"rope_theta": {"value": 4321.0, "source": "test", "confirmed": true}}}
                """);
        Path output = folder.resolve("output.txt");
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        model.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("BYBERT_HOME", folder.resolve("home").toString());
        Process process = builder.start();
        assertEquals(true, process.waitFor(120, TimeUnit.SECONDS));
        List<String> lines = Files.readAllLines(output);
        assertEquals(
                List.of("[4321.0, 4321.0, 4321.0, 4321.0, 4321.0]"),
                lines.stream()
                        .filter(line -> line.startsWith("[4321") || line.startsWith("[1"))
                        .toList(),
                String.join("\n", lines));
    }

    static final class Child {

        private Child() {}

        public static void main(String[] args) {
            ModelReference named = new ModelReference(args[0], Map.of());
            ModelReference resolved = named.resolve();
            System.out.println(List.of(
                    named.check().config().ropeTheta(),
                    named.open().config().ropeTheta(),
                    Models.get(named).encoder().config().ropeTheta(),
                    resolved.check().config().ropeTheta(),
                    Models.get(resolved).encoder().config().ropeTheta()));
        }
    }

    /** Who knows a value, and what a preset is called, is no part of what is opened. */
    @Test
    void presetsThatSayTheSameMakeOneModel() {
        ModelReference first = with("one", "card", "5000");
        assertEquals(first.content(), with("two", "paper", "5000").content());
        assertEquals(false, first.content().equals(with("one", "card", "6000").content()));
    }

    private static ModelReference with(String id, String source, String theta) {
        Preset preset = new Preset(
                id,
                "org/" + id,
                1,
                1,
                false,
                Map.of("rope_theta", new Preset.Value(theta, source, false)),
                Map.of(),
                Map.of(),
                Map.of());
        return new ModelReference(TestModel.folder().toString(), Map.of(), preset).resolve();
    }
}
