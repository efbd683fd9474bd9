package org.bybert.job;

import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Runs a command line in this JVM. */
public final class Commands {

    /** @param out standard output and error together */
    public record Result(int exit, String out) {}

    private Commands() {}

    public static Path samples() {
        return Path.of(System.getProperty("bybert.data-samples")).normalize();
    }

    public static String model() {
        return samples().resolve("bybert-jp-mini").toString();
    }

    public static Result run(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintWriter captured = new PrintWriter(out, true, StandardCharsets.UTF_8);
        int exit = Main.commandLine().setOut(captured).setErr(captured).execute(arguments);
        captured.flush();
        return new Result(exit, out.toString(StandardCharsets.UTF_8));
    }
}
