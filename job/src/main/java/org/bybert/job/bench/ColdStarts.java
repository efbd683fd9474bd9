package org.bybert.job.bench;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.Pooling;
import org.bybert.encoder.Session;
import org.bybert.encoder.kernel.KernelChoice;
import org.bybert.encoder.model.WarmUp;
import org.bybert.job.bench.BenchReport.ColdStart;

/**
 * Starts fresh JVMs, with and without the warm-up of the kernels, as executors of short tasks are. {@link #main} is the
 * program of each: it opens a model and answers mixed sentences one by one, as the SQL function does.
 */
public final class ColdStarts {

    /** A JVM is given up after this many times the seconds it was asked for, and so many more. */
    private static final double PATIENCE = 2;
    private static final double PATIENCE_SECONDS = 60;
    /** Sentences that are answered again and again. */
    private static final int CYCLE = 32;
    /** Throughput is looked at over so many rows. */
    private static final int WINDOW = 8;
    private static final double STEADY = 0.9;

    private ColdStarts() {
    }

    /**
     * @param folder  model folder
     * @param kernels value of the system property that forces the kernels, or null
     * @param starts  fresh JVMs with and as many without warm-up, in turn
     * @param seconds each goes on after opening, so that it reaches its steady state
     * @throws IOException where a JVM cannot be started or fails
     */
    static List<ColdStart> measure(Path folder, String kernels, int starts, double seconds) throws IOException {
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
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), ColdStarts.class.getName(),
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

    /** @param args the model folder and the seconds to go on; the last line of output is for the parent */
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        double limit = Double.parseDouble(args[1]);
        // Made before the clock starts: a task has its rows from Spark.
        ByBert.Description model = ByBert.check(folder, Map.of());
        List<List<int[]>> rows = Inputs.rows(model.config(), Inputs.mixed(CYCLE)).stream().map(List::of).toList();
        double[] ends = new double[1024];
        long start = System.nanoTime();
        Session session = ByBert.open(folder).newSession();
        double opened = (System.nanoTime() - start) / 1e9;
        int count = 0;
        double now = opened;
        while (now - opened < limit || count < 3 * CYCLE) {
            session.embed(rows.get(count % CYCLE), Pooling.MEAN);
            if (count == ends.length) {
                ends = Arrays.copyOf(ends, 2 * count);
            }
            now = (System.nanoTime() - start) / 1e9;
            ends[count++] = now;
        }
        boolean warmUp = Boolean.parseBoolean(System.getProperty(WarmUp.PROPERTY, "true"));
        System.out.println(new JsonMapper().writeValueAsString(
                analyse(warmUp, opened, Arrays.copyOf(ends, count), CYCLE)));
    }

    /**
     * @param opened seconds until the model was open
     * @param ends   seconds until each row was answered
     * @param cycle  rows after which the same rows come again
     */
    static ColdStart analyse(boolean warmUp, double opened, double[] ends, int cycle) {
        double[] seconds = new double[ends.length];
        for (int i = 0; i < ends.length; i++) {
            seconds[i] = ends[i] - (i == 0 ? opened : ends[i - 1]);
        }
        double[] steady = steady(seconds, cycle);
        int row = 0;
        while (row + WINDOW <= ends.length && !isSteady(seconds, steady, row)) {
            row++;
        }
        double lost = 0;
        for (int i = 0; i < ends.length; i++) {
            lost += Math.max(0, seconds[i] - steady[i % cycle]);
        }
        return new ColdStart(warmUp, opened, ends[0], row, row == 0 ? opened : ends[row - 1], lost,
                cycle / Arrays.stream(steady).sum());
    }

    /** Seconds for each row of the cycle once the JVM is warm: the median over the second half of all cycles. */
    private static double[] steady(double[] seconds, int cycle) {
        double[] steady = new double[cycle];
        int cycles = seconds.length / cycle;
        for (int i = 0; i < cycle; i++) {
            double[] late = new double[cycles - cycles / 2];
            for (int c = cycles / 2; c < cycles; c++) {
                late[c - cycles / 2] = seconds[c * cycle + i];
            }
            steady[i] = Summary.of(late).median();
        }
        return steady;
    }

    private static boolean isSteady(double[] seconds, double[] steady, int from) {
        double taken = 0;
        double expected = 0;
        for (int i = from; i < from + WINDOW; i++) {
            taken += seconds[i];
            expected += steady[i % steady.length];
        }
        return expected / taken >= STEADY;
    }
}
