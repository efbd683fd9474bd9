package org.bybert.job.embed;

import java.util.List;

/**
 * The file that says that a unit is done; it is written when the unit's files are in place.
 *
 * @param files paths in the output folder
 * @param run   application that computed it
 */
record UnitMarker(
        int unit, UnitCounts counts, List<UnitFile> files, String run, String executor, String host, String kernels) {

    /**
     * @param path   in its folder, e.g. {@code day=1/part-c000.parquet}
     * @param length in bytes
     */
    record UnitFile(String path, long length) {}
}
