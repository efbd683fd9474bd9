package org.bybert.job.bench;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bybert.encoder.kernel.KernelChoice;
import org.bybert.encoder.model.WarmUp;

/** Starts fresh JVMs, with and without the warm-up of the kernels, as executors of short tasks are. */
public final class ColdStarts {

    /** A JVM is given up after this many times the seconds it was asked for, and so many more. */
    private static final double PATIENCE = 2;
    private static final double PATIENCE_SECONDS = 60;

    private ColdStarts() {
    }

    /**
     * @param folder  model folder
     * @param kernels value of the system property that forces the kernels, or null
     * @param starts  fresh JVMs with and as many without warm-up, in turn
     * @param seconds each goes on after opening, so that it reaches its steady state
     * @throws IOException where a JVM cannot be started or fails
     */
    public static List<ColdStart> measure(Path folder, String kernels, int starts, double seconds)
            throws IOException {
        List<ColdStart> results = new ArrayList<>();
        for (int i = 0; i < starts; i++) {
            results.add(start(folder, kernels, seconds, true));
            results.add(start(folder, kernels, seconds, false));
        }
        return results;
    }

    private static ColdStart start(Path folder, String kernels, double seconds, boolean warmUp) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command()
                .orElse(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.add("-D" + WarmUp.PROPERTY + '=' + warmUp);
        if (kernels != null) {
            command.add("-D" + KernelChoice.PROPERTY + '=' + kernels);
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), ColdStartJvm.class.getName(),
                folder.toString(), Double.toString(seconds)));
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        long limit = (long) (PATIENCE_SECONDS + PATIENCE * seconds);
        if (!ends(process, limit)) {
            process.destroyForcibly();
            throw new IOException("a fresh JVM did not finish within " + limit + " s: a kernel has most likely stayed "
                    + "uncompiled (jcmd PID Compiler.codelist shows the tiers); it was started by "
                    + String.join(" ", command));
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.exitValue() != 0) {
            throw new IOException("a fresh JVM ended with exit code " + process.exitValue() + "; it was started by "
                    + String.join(" ", command));
        }
        return new JsonMapper().readValue(output.substring(output.lastIndexOf('\n') + 1), ColdStart.class);
    }

    private static boolean ends(Process process, long seconds) {
        try {
            return process.waitFor(seconds, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the measurement was stopped", e);
        }
    }
}
