package org.bybert.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs a command as a user does: through the launcher, in JVMs of its own, on the jars that would be deployed. */
public final class Launch {

    /** @param out standard output and error together */
    public record Run(int exit, String out) {}

    private final Process process;
    private final List<String> command;
    private final Path log;

    private Launch(Process process, List<String> command, Path log) {
        this.process = process;
        this.command = command;
        this.log = log;
    }

    /** @param folder receives the log */
    public static Launch start(Path folder, String... arguments) throws IOException {
        return start(folder, Map.of(), arguments);
    }

    /** @param environment what is set beside what this JVM has */
    public static Launch start(Path folder, Map<String, String> environment, String... arguments) throws IOException {
        return start(folder, environment, List.of(), arguments);
    }

    /** @param wrapper a command that runs the one that follows it */
    public static Launch start(Path folder, Map<String, String> environment, List<String> wrapper, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(wrapper);
        command.addAll(List.of("bash", System.getProperty("bybert.launcher")));
        command.addAll(List.of(arguments));
        Path log = Files.createTempFile(folder, "launch", ".log");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
        builder.environment().remove("SPARK_HOME");
        builder.environment().putAll(environment);
        return new Launch(builder.start(), command, log);
    }

    /** The process of the driver: the launcher becomes it. */
    public Process process() {
        return process;
    }

    public String output() throws IOException {
        return Files.readString(log);
    }

    public Run await() throws IOException, InterruptedException {
        if (!process.waitFor(10, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new IllegalStateException("timed out: " + command + "\n" + output());
        }
        return new Run(process.exitValue(), output());
    }
}
