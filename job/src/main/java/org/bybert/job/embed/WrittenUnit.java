package org.bybert.job.embed;

import java.io.Serializable;
import java.util.List;

/**
 * What a task hands to the driver when it has written a unit.
 *
 * @param folder of the task's files
 * @param files  paths in it
 */
record WrittenUnit(int unit, String folder, List<WrittenFile> files, UnitCounts counts, String executor, String host,
                   String kernels) implements Serializable {

    /**
     * @param path   in the folder, e.g. {@code day=1/part-c000.parquet}
     * @param length in bytes
     */
    record WrittenFile(String path, long length) implements Serializable {
    }
}
