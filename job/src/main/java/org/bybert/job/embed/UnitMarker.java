package org.bybert.job.embed;

import java.util.List;
import org.bybert.job.embed.WrittenUnit.WrittenFile;

/**
 * The file that says that a unit is done; it is written when the unit's files are in place.
 *
 * @param files paths in the output folder
 * @param run   application that computed it
 */
record UnitMarker(int unit, UnitCounts counts, List<WrittenFile> files, String run, String executor, String host,
                  String kernels) {
}
