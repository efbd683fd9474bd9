package org.bybert.job.bench;

import java.util.List;

/**
 * Where the time of one workload goes.
 *
 * @param name   of the workload
 * @param stages in the order of the forward pass
 */
public record StageTable(String name, List<Row> stages) {

    /**
     * @param stage          e.g. {@code gate/up}
     * @param share          of the time of the whole forward pass
     * @param fractionOfPeak of the core; null where no operations are counted for the stage
     */
    public record Row(String stage, double share, Double fractionOfPeak) {
    }
}
