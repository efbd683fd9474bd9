package org.bybert.job;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import picocli.CommandLine;

/** Runs a command line in this JVM. */
public final class Commands {

    /** @param out standard output and error together */
    public record Result(int exit, String out) {
    }

    private Commands() {
    }

    public static Path samples() {
        return Path.of(System.getProperty("bybert.data-samples")).normalize();
    }

    public static String model() {
        return samples().resolve("bybert-jp-mini").toString();
    }

    public static Result run(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream console = System.out;
        try (PrintStream captured = new PrintStream(out, true, StandardCharsets.UTF_8)) {
            System.setOut(captured);
            CommandLine command = Main.commandLine()
                    .setErr(new PrintWriter(captured, true))
                    .setOut(new PrintWriter(captured, true));
            int exit = command.execute(arguments);
            return new Result(exit, out.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(console);
        }
    }
}
