package org.bybert.encoder.kernel;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.Golden;
import org.bybert.encoder.Pooling;

/** Embeds a text in a JVM of its own: kernels are chosen once per JVM, by its flags. */
final class ChildJvm {

    static final String TEXT = "朝の散歩で猫に会いました。";

    private ChildJvm() {}

    /** Exit status, and all that was printed to either stream. */
    record Result(int status, List<String> lines) {

        /** The vector that the child printed, or none. */
        float[] vector() {
            String printed = lines.stream()
                    .filter(line -> line.startsWith("vector "))
                    .findFirst()
                    .orElse("vector");
            List<String> values = List.of(printed.split(" "));
            float[] vector = new float[values.size() - 1];
            for (int i = 0; i < vector.length; i++) {
                vector[i] = Float.parseFloat(values.get(i + 1));
            }
            return vector;
        }
    }

    static Result embed(Path folder, String... flags) throws IOException, InterruptedException {
        Path output = folder.resolve("output.txt");
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m"));
        command.addAll(List.of(flags));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), ChildJvm.class.getName()));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        // Flags from outside would undo those of the test.
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        builder.environment().remove("JDK_JAVA_OPTIONS");
        Process process = builder.start();
        boolean ended = process.waitFor(60, TimeUnit.SECONDS);
        process.destroyForcibly();
        assertTrue(ended, "the child JVM hangs");
        return new Result(process.exitValue(), Files.readAllLines(output));
    }

    static float[] embed(ByBert encoder) {
        float[] vector = encoder.newSession().embed(List.of(encoder.tokenizer().encode(TEXT)), Pooling.MEAN)[0];
        Pooling.normalize(vector);
        return vector;
    }

    /** Opens the model twice, so that a warning per model would show. */
    public static void main(String[] args) {
        if (Boolean.getBoolean("twice")) {
            printError();
            printError();
            return;
        }
        ByBert.open(Golden.folder("utf8-bf16"));
        ByBert encoder = ByBert.open(Golden.folder("utf8-bf16"));
        StringBuilder line = new StringBuilder("vector");
        for (float value : embed(encoder)) {
            line.append(' ').append(value);
        }
        System.out.println("kernels " + encoder.kernels());
        System.out.println(line);
    }

    private static void printError() {
        try {
            KernelChoice.kernels();
        } catch (Throwable e) {
            System.out.println("error " + e);
        }
    }
}
