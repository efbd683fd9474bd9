package org.bybert.job.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;

/**
 * The result of {@code bybert bench spark}.
 *
 * @param model       preset whose shape was measured
 * @param rows        sentences of all rounds together
 * @param bytes       of these sentences
 * @param batchBytes  of a ragged batch at most
 * @param speeds      each way of computing, the bare encoder first
 * @param ratios      one way over another, round by round
 * @param weightBytes of the model's file
 * @param heap        that is in use after garbage collection
 * @param modelOpens  of this JVM, over all masters and rounds
 */
record SparkReport(Machine machine, String model, int layers, String weights, String kernels, int rows, long bytes,
                   int rounds, int batchBytes, List<Speed> speeds, List<Ratio> ratios, long weightBytes,
                   List<Heap> heap, int modelOpens) {

    private static final JsonMapper MAPPER = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /**
     * @param bytesPerSecond     by the clock
     * @param bytesPerCoreSecond by the time that threads were on a core, which other work on the machine leaves alone
     */
    record Speed(String name, Spread bytesPerSecond, Spread bytesPerCoreSecond) {
    }

    record Ratio(String name, Spread byClock, Spread byCoreTime) {
    }

    /** @param slots task slots of the executor that has run; 0 before the model was opened */
    record Heap(int slots, long bytes) {
    }

    String toJson() {
        try {
            return MAPPER.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a report of numbers and strings can be written", e);
        }
    }
}
