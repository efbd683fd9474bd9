package org.bybert.job.embed;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.bybert.job.terminal.SmallFile;
import org.bybert.job.terminal.UserError;
import org.bybert.job.embed.UnitCommitProtocol.Written;
import org.bybert.job.embed.UnitMarker.UnitFile;

/**
 * The folder given by {@code --output}: data files, and {@code _bybert} with what is known about them, which readers of
 * Parquet, ORC and JSON pass over.
 * <pre>
 * part-000003-c000.snappy.parquet   unit 3, or below COLUMN=VALUE folders
 * _SUCCESS                          the run is complete
 * _bybert/manifest.json             what the run is made of
 * _bybert/units/000003.json         unit 3 is in place
 * _bybert/metrics.json              written last
 * _bybert/lock                      a job is writing
 * _bybert/lock.claim                a job takes over a lock that was left behind
 * _bybert/tasks/                    files of running tasks
 * _bybert/partitions/               finished files that have yet to replace a partition
 * _bybert/replaced/                 partitions that were replaced, until all are
 * _bybert/replacing                 there while partitions are being replaced
 * </pre>
 */
final class OutputFolder {

    private static final Pattern DATA = Pattern.compile("part-\\d{6,}[-.]c\\d+\\..*", Pattern.UNICODE_CHARACTER_CLASS);

    private final FileSystem fileSystem;
    private final Path folder;
    private final Path own;

    private OutputFolder(FileSystem fileSystem, Path folder) {
        this.fileSystem = fileSystem;
        this.folder = fileSystem.makeQualified(folder);
        this.own = new Path(this.folder, "_bybert");
    }

    static OutputFolder at(String output, Configuration hadoop) throws IOException {
        try {
            Path path = new Path(output);
            return new OutputFolder(path.getFileSystem(hadoop), path);
        } catch (IllegalArgumentException e) {
            throw new UserError("--output: " + output + " cannot be written: " + e.getMessage(), e);
        }
    }

    FileSystem fileSystem() {
        return fileSystem;
    }

    Path path() {
        return folder;
    }

    Path lock() {
        return new Path(own, "lock");
    }

    Path tasks() {
        return new Path(own, "tasks");
    }

    Path partitions() {
        return new Path(own, "partitions");
    }

    Path replaced() {
        return new Path(own, "replaced");
    }

    /** There while finished partitions take their places. */
    Path replacing() {
        return new Path(own, "replacing");
    }

    private Path manifest() {
        return new Path(own, "manifest.json");
    }

    private Path units() {
        return new Path(own, "units");
    }

    Path metrics() {
        return new Path(own, "metrics.json");
    }

    private Path success() {
        return new Path(folder, "_SUCCESS");
    }

    /**
     * Makes the folder.
     *
     * @param mayHoldOthers whether files of another writer may be in it
     * @throws UserError where it is a file, cannot be made, or holds what must not be mixed with results
     */
    void prepare(boolean mayHoldOthers) throws IOException {
        if (fileSystem.exists(folder) && !fileSystem.getFileStatus(folder).isDirectory()) {
            throw new UserError("--output: expected a folder, found a file: " + folder);
        }
        if (!mayHoldOthers && !fileSystem.exists(own) && fileSystem.exists(folder)
                && fileSystem.listStatus(folder).length > 0) {
            throw new UserError(EmbedCommand.OUTPUT_TAKEN, "--output: " + folder
                    + " exists and holds files of another writer; name another folder");
        }
        if (!fileSystem.mkdirs(units())) {
            throw new UserError("--output: " + folder
                    + " cannot be made: no permission, or a read-only or full disk");
        }
    }

    /** Null where no run has begun. */
    Manifest readManifest() throws IOException {
        return fileSystem.exists(manifest()) ? SmallFile.readJson(fileSystem, manifest(), Manifest.class) : null;
    }

    boolean isComplete() throws IOException {
        return fileSystem.exists(metrics());
    }

    /** Removes every file that an earlier run wrote. */
    void removeResults() throws IOException {
        fileSystem.delete(metrics(), false);
        fileSystem.delete(success(), false);
        removeData(folder);
    }

    private void removeData(Path parent) throws IOException {
        for (FileStatus status : fileSystem.listStatus(parent)) {
            String name = status.getPath().getName();
            if (status.isDirectory() && name.contains("=")) {
                removeData(status.getPath());
                if (fileSystem.listStatus(status.getPath()).length == 0) {
                    fileSystem.delete(status.getPath(), false);
                }
            } else if (status.isFile() && DATA.matcher(name).matches()) {
                fileSystem.delete(status.getPath(), false);
            }
        }
    }

    /** Begins a new run: nothing is done yet. */
    void begin(Manifest manifest) throws IOException {
        fileSystem.delete(metrics(), false);
        fileSystem.delete(success(), false);
        for (Path path : List.of(units(), tasks(), partitions(), replaced(), replacing())) {
            fileSystem.delete(path, true);
        }
        fileSystem.mkdirs(units());
        SmallFile.writeJson(fileSystem, manifest(), manifest);
    }

    /** Removes what tasks of a run that ended have left. */
    void removeTaskFiles() throws IOException {
        fileSystem.delete(tasks(), true);
    }

    /** Moves a unit's files to their place and writes its marker, in this order. */
    UnitMarker commit(Written unit, UnitCounts counts, Path to, String run) throws IOException {
        List<UnitFile> files = new ArrayList<>();
        for (UnitFile file : unit.files()) {
            Path source = new Path(unit.folder(), file.path());
            String name = source.getName().replaceFirst("^part", "part-" + digits(unit.unit()))
                    .replaceFirst("\\.json$", ".jsonl");
            String parent = file.path().substring(0, file.path().length() - source.getName().length());
            Path target = new Path(to, parent + name);
            fileSystem.mkdirs(target.getParent());
            // A run that died between this and the marker left a file of the same rows.
            fileSystem.delete(target, false);
            if (!fileSystem.rename(source, target)) {
                throw new IOException(source + " cannot be moved to " + target);
            }
            files.add(new UnitFile(parent + name, file.length()));
        }
        UnitMarker marker = new UnitMarker(unit.unit(), counts, files, run, unit.executor(), unit.host(),
                unit.kernels());
        SmallFile.writeJson(fileSystem, marker(unit.unit()), marker);
        fileSystem.delete(new Path(unit.folder()), true);
        return marker;
    }

    private Path marker(int unit) {
        return new Path(units(), digits(unit) + ".json");
    }

    /** The same in every locale, some of which have digits of their own: a later run looks for the name. */
    private static String digits(int unit) {
        return String.format(Locale.ROOT, "%06d", unit);
    }

    /** The units that are done. */
    Map<Integer, UnitMarker> markers() throws IOException {
        Map<Integer, UnitMarker> markers = new TreeMap<>();
        for (FileStatus file : fileSystem.listStatus(units(), path -> path.getName().matches("\\d+\\.json"))) {
            UnitMarker marker = SmallFile.readJson(fileSystem, file.getPath(), UnitMarker.class);
            markers.put(marker.unit(), marker);
        }
        return markers;
    }

    /** Removes the markers of units whose files are gone or of another length; returns these units. */
    BitSet removeBrokenMarkers(Map<Integer, UnitMarker> markers, Path place) throws IOException {
        BitSet broken = new BitSet();
        for (UnitMarker marker : markers.values()) {
            for (UnitFile file : marker.files()) {
                Path path = new Path(place, file.path());
                if (!fileSystem.exists(path) || fileSystem.getFileStatus(path).getLen() != file.length()) {
                    broken.set(marker.unit());
                }
            }
        }
        for (int unit : broken.stream().toArray()) {
            markers.remove(unit);
            fileSystem.delete(marker(unit), false);
        }
        return broken;
    }

    /** Writes what says that the run is complete. */
    void finish(Object metrics) throws IOException {
        removeTaskFiles();
        fileSystem.create(success(), true).close();
        SmallFile.writeJson(fileSystem, metrics(), metrics);
    }
}
