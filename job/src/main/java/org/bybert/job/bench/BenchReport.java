package org.bybert.job.bench;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The result of {@code bybert bench encoder}; a list that was not asked for is empty.
 *
 * @param bench        {@code encoder}
 * @param model        preset or folder
 * @param layers       of the model measured
 * @param kernels      in use, e.g. {@code vector-512}
 * @param weights      how the matrices are held, {@code F32} or {@code BF16}
 * @param peakGflops   of fused multiply-adds on one core at this vector width; null for cold starts
 * @param measurements one thread
 * @param scaling      several threads
 * @param stages       where the time goes
 * @param coldStarts   in fresh JVMs
 */
public record BenchReport(
        String bench,
        Machine machine,
        String model,
        int layers,
        String kernels,
        String weights,
        Summary peakGflops,
        List<Measurement> measurements,
        List<Scaling> scaling,
        List<StageTable> stages,
        List<ColdStart> coldStarts) {

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .withConfigOverride(List.class, list -> list.setSetterInfo(JsonSetter.Value.forValueNulls(Nulls.AS_EMPTY)))
            .build();

    /**
     * Where a measurement took place.
     *
     * @param cpu        as the operating system names it, or the architecture
     * @param processors that the JVM may use
     * @param java       version and vendor of the JVM
     * @param heap       largest heap in bytes
     */
    public record Machine(String cpu, int processors, String java, long heap) {

        static Machine here() {
            return new Machine(
                    cpuName(),
                    Runtime.getRuntime().availableProcessors(),
                    System.getProperty("java.vm.version") + ' ' + System.getProperty("java.vendor"),
                    Runtime.getRuntime().maxMemory());
        }

        private static String cpuName() {
            try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
                return lines.filter(line -> line.startsWith("model name"))
                        .findFirst()
                        .map(line -> line.substring(line.indexOf(':') + 1).strip())
                        .orElse(System.getProperty("os.arch"));
            } catch (IOException | UncheckedIOException e) {
                return System.getProperty("os.arch");
            }
        }
    }

    /**
     * One workload in one thread, rated by the time the thread was on a core.
     *
     * @param tokens          of one call
     * @param tokensPerSecond of one core
     * @param gflops          counted operations per second / 10⁹; null where operations are not counted
     * @param fractionOfPeak  of the peak measured right before and after, per round; null where {@code gflops} is
     * @param cpuShare        share of the time by the clock that the thread was on a core, lowest of all rounds
     * @param bytesPerCall    heap allocated by one call, lowest of all rounds: what is left when nothing grows any more
     */
    public record Measurement(
            String name,
            long tokens,
            Summary tokensPerSecond,
            Summary gflops,
            Summary fractionOfPeak,
            double cpuShare,
            long bytesPerCall) {}

    /**
     * What several threads do together, as a multiple of what one does alone in the same round.
     *
     * @param threads that share the model
     * @param ratio   of the workload
     * @param fma     of the loop of fused multiply-adds: what the machine itself gives for more threads
     */
    public record Scaling(String name, int threads, Summary ratio, Summary fma) {}

    /** Where the time of one workload goes, in the order of the forward pass. */
    public record StageTable(String name, List<Row> stages) {

        /**
         * @param stage          e.g. {@code gate/up}
         * @param share          of the time of the whole forward pass
         * @param fractionOfPeak of the core; null where no operations are counted for the stage
         */
        public record Row(String stage, double share, Double fractionOfPeak) {}
    }

    /**
     * A fresh JVM that opens a model and answers row after row.
     *
     * @param warmUp             kernels are warmed while the model opens
     * @param openSeconds        to open the model, warm-up included
     * @param firstAnswerSeconds from the start of opening to the first answer
     * @param rowsToSteady       rows answered before throughput reaches 90 % of steady state
     * @param secondsToSteady    from the start of opening until then
     * @param secondsLost        by rows slower than in steady state, over all rows
     * @param rowsPerSecond      in steady state
     */
    public record ColdStart(
            boolean warmUp,
            double openSeconds,
            double firstAnswerSeconds,
            int rowsToSteady,
            double secondsToSteady,
            double secondsLost,
            double rowsPerSecond) {}

    /** A report as indented JSON. */
    static String json(Object report) {
        return MAPPER.valueToTree(report).toPrettyString();
    }

    /** @throws IOException where the file cannot be read or is not such a report */
    static BenchReport read(Path file) throws IOException {
        return MAPPER.readValue(Files.readAllBytes(file), BenchReport.class);
    }
}
