package org.bybert.job.embed;

import java.io.IOException;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.bybert.job.embed.UnitMarker.UnitFile;

/**
 * Puts finished partitions in the place of older ones, by two renames each: the old one goes to
 * {@code _bybert/replaced}, the new one takes its place. Run again after a crash it does what is left. A reader sees a
 * partition as it was, as it is, or for the moment between the two renames not at all.
 */
final class PartitionSwap {

    private final OutputFolder output;
    private final FileSystem fileSystem;

    PartitionSwap(OutputFolder output) {
        this.output = output;
        this.fileSystem = output.fileSystem();
    }

    /** Whether a run has begun to replace partitions and has not ended it. */
    boolean isUnderWay() throws IOException {
        return fileSystem.exists(output.replacing());
    }

    void run(Collection<UnitMarker> markers) throws IOException {
        fileSystem.create(output.replacing(), true).close();
        for (String partition : partitions(markers)) {
            replace(partition);
        }
        fileSystem.delete(output.replaced(), true);
        fileSystem.delete(output.partitions(), true);
        fileSystem.delete(output.replacing(), false);
    }

    private static Set<String> partitions(Collection<UnitMarker> markers) {
        Set<String> partitions = new TreeSet<>();
        for (UnitMarker marker : markers) {
            for (UnitFile file : marker.files()) {
                partitions.add(file.path().substring(0, file.path().lastIndexOf('/')));
            }
        }
        return partitions;
    }

    private void replace(String partition) throws IOException {
        Path finished = new Path(output.partitions(), partition);
        Path place = new Path(output.path(), partition);
        if (!fileSystem.exists(finished)) {
            // Moved before a crash.
            return;
        }
        if (fileSystem.exists(place)) {
            Path old = new Path(output.replaced(), partition);
            fileSystem.delete(old, true);
            fileSystem.mkdirs(old.getParent());
            rename(place, old);
        }
        fileSystem.mkdirs(place.getParent());
        rename(finished, place);
    }

    private void rename(Path from, Path to) throws IOException {
        if (!fileSystem.rename(from, to)) {
            throw new IOException(from + " cannot be moved to " + to);
        }
    }
}
