package org.bybert.job.bench;

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
record SparkReport(BenchReport.Machine machine, String model, int layers, String weights, String kernels, int rows,
                   long bytes, int rounds, int batchBytes, List<Speed> speeds, List<Ratio> ratios, long weightBytes,
                   List<Heap> heap, int modelOpens) {

    /**
     * @param bytesPerSecond     by the clock
     * @param bytesPerCoreSecond by the time that threads were on a core, which other work on the machine leaves alone
     */
    record Speed(String name, Summary bytesPerSecond, Summary bytesPerCoreSecond) {
    }

    record Ratio(String name, Summary byClock, Summary byCoreTime) {
    }

    /** @param slots task slots of the executor that has run; 0 before the model was opened */
    record Heap(int slots, long bytes) {
    }
}
