package org.bybert.job.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The result of one benchmark; a list that was not asked for is empty.
 *
 * @param bench        {@code encoder} or {@code kernels}
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
public record BenchReport(String bench, Machine machine, String model, int layers, String kernels, String weights,
                          Spread peakGflops, List<Measurement> measurements, List<Scaling> scaling,
                          List<StageTable> stages, List<ColdStart> coldStarts) {

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    public BenchReport {
        measurements = orEmpty(measurements);
        scaling = orEmpty(scaling);
        stages = orEmpty(stages);
        coldStarts = orEmpty(coldStarts);
    }

    private static <T> List<T> orEmpty(List<T> list) {
        return list == null ? List.of() : List.copyOf(list);
    }

    public static BenchReport ofColdStarts(String model, int layers, String kernels, String weights,
                                           List<ColdStart> coldStarts) {
        return new BenchReport("encoder", Machine.here(), model, layers, kernels, weights, null, List.of(), List.of(),
                List.of(), coldStarts);
    }

    public String toJson() {
        try {
            return MAPPER.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a report of numbers and strings can be written", e);
        }
    }

    /** @throws IOException where the file cannot be read or is not such a report */
    public static BenchReport read(Path file) throws IOException {
        return MAPPER.readValue(Files.readAllBytes(file), BenchReport.class);
    }
}
