package org.bybert.job.bench;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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

    private ColdStarts() {}

    /**
     * @param folder  model folder
     * @param starts  fresh JVMs with and as many without warm-up, in turn
     * @param seconds each goes on after opening, so that it reaches its steady state
     * @throws IOException where a JVM cannot be started or fails
     */
    static List<ColdStart> measure(Path folder, int starts, double seconds) throws IOException, InterruptedException {
        List<ColdStart> results = new ArrayList<>();
        for (int i = 0; i < 2 * starts; i++) {
            results.add(start(folder, seconds, i % 2 == 0));
        }
        return results;
    }

    private static ColdStart start(Path folder, double seconds, boolean warmUp)
            throws IOException, InterruptedException {
        Path result = Files.createTempFile("bybert-cold-", ".json");
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current()
                .info()
                .command()
                .orElse(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.add("-D" + WarmUp.PROPERTY + '=' + warmUp);
        String kernels = System.getProperty(KernelChoice.PROPERTY);
        if (kernels != null) {
            command.add("-D" + KernelChoice.PROPERTY + '=' + kernels);
        }
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                ColdStarts.class.getName(),
                folder.toString(),
                Double.toString(seconds),
                result.toString()));
        String startedBy = "; it was started by " + String.join(" ", command);
        try {
            Process process = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            long limit = (long) (PATIENCE_SECONDS + PATIENCE * seconds);
            if (!process.waitFor(limit, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException("a fresh JVM did not finish within " + limit + " s: a kernel has most likely "
                        + "stayed uncompiled (jcmd PID Compiler.codelist shows the tiers)" + startedBy);
            }
            if (process.exitValue() != 0) {
                throw new IOException("a fresh JVM ended with exit code " + process.exitValue() + startedBy);
            }
            return new JsonMapper().readValue(result.toFile(), ColdStart.class);
        } finally {
            Files.delete(result);
        }
    }

    /** @param args the model folder, the seconds to go on, and the file for the result */
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        double limit = Double.parseDouble(args[1]);
        // Made before the clock starts: a task has its rows from Spark.
        ByBert.Description model = ByBert.check(folder, Map.of());
        List<List<int[]>> rows = Inputs.rows(model.config(), Inputs.mixed(CYCLE)).stream()
                .map(List::of)
                .toList();
        List<Double> ends = new ArrayList<>();
        long start = System.nanoTime();
        Session session = ByBert.open(folder).newSession();
        double opened = (System.nanoTime() - start) / 1e9;
        double now = opened;
        while (now - opened < limit || ends.size() < 3 * CYCLE) {
            session.embed(rows.get(ends.size() % CYCLE), Pooling.MEAN);
            now = (System.nanoTime() - start) / 1e9;
            ends.add(now);
        }
        boolean warmUp = Boolean.parseBoolean(System.getProperty(WarmUp.PROPERTY, "true"));
        new JsonMapper()
                .writeValue(
                        Path.of(args[2]).toFile(),
                        analyse(
                                warmUp,
                                opened,
                                ends.stream().mapToDouble(Double::doubleValue).toArray(),
                                CYCLE));
    }

    /**
     * @param opened seconds until the model was open
     * @param ends   seconds until each row was answered
     * @param cycle  rows after which the same rows come again
     */
    static ColdStart analyse(boolean warmUp, double opened, double[] ends, int cycle) {
        double[] seconds = IntStream.range(0, ends.length)
                .mapToDouble(i -> ends[i] - (i == 0 ? opened : ends[i - 1]))
                .toArray();
        double[] steady = steady(seconds, cycle);
        int row = 0;
        while (row + WINDOW <= ends.length && !isSteady(seconds, steady, row)) {
            row++;
        }
        double lost = IntStream.range(0, ends.length)
                .mapToDouble(i -> Math.max(0, seconds[i] - steady[i % cycle]))
                .sum();
        return new ColdStart(
                warmUp,
                opened,
                ends[0],
                row,
                row == 0 ? opened : ends[row - 1],
                lost,
                cycle / Arrays.stream(steady).sum());
    }

    /** Seconds for each row of the cycle once the JVM is warm: the median over the second half of all cycles. */
    private static double[] steady(double[] seconds, int cycle) {
        int cycles = seconds.length / cycle;
        return IntStream.range(0, cycle)
                .mapToDouble(i -> Summary.of(IntStream.range(cycles / 2, cycles)
                                .mapToDouble(c -> seconds[c * cycle + i])
                                .toArray())
                        .median())
                .toArray();
    }

    private static boolean isSteady(double[] seconds, double[] steady, int from) {
        double expected = IntStream.range(from, from + WINDOW)
                .mapToDouble(i -> steady[i % steady.length])
                .sum();
        return expected / Arrays.stream(seconds, from, from + WINDOW).sum() >= STEADY;
    }
}
