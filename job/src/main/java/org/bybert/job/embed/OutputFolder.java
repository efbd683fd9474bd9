package org.bybert.job.embed;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.bybert.job.embed.UnitCommitProtocol.Written;
import org.bybert.job.embed.UnitMarker.UnitFile;
import org.bybert.job.terminal.SmallFile;
import org.bybert.job.terminal.UserError;

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
 *
 * @param place where files of finished units go: the folder, or {@code _bybert/partitions} below it
 */
record OutputFolder(FileSystem fileSystem, Path path, Path place) {

    private static final String OWN = "_bybert";
    static final String LOCK = "lock";
    static final String TASKS = "tasks";
    private static final String MANIFEST = "manifest.json";
    private static final String UNITS = "units";
    private static final String METRICS = "metrics.json";
    private static final String PARTITIONS = "partitions";
    private static final String REPLACED = "replaced";
    private static final String REPLACING = "replacing";
    private static final Pattern DATA = Pattern.compile("part-\\d{6,}[-.]c\\d+\\..*", Pattern.UNICODE_CHARACTER_CLASS);

    /** @param partitions whether units wait until they replace partitions */
    static OutputFolder at(String output, boolean partitions, Configuration hadoop) throws IOException {
        try {
            FileSystem fileSystem = new Path(output).getFileSystem(hadoop);
            Path path = fileSystem.makeQualified(new Path(output));
            return new OutputFolder(fileSystem, path, partitions ? new Path(path, OWN + '/' + PARTITIONS) : path);
        } catch (IllegalArgumentException e) {
            throw new UserError("--output: " + output + " cannot be written: " + e.getMessage(), e);
        }
    }

    /** A file or folder of those that are no results. */
    Path own(String name) {
        return new Path(path, OWN + '/' + name);
    }

    private Path success() {
        return new Path(path, "_SUCCESS");
    }

    /**
     * Makes the folder; where partitions are replaced it may hold files of another writer.
     *
     * @throws UserError where it is a file, cannot be made, or holds what must not be mixed with results
     */
    void prepare() throws IOException {
        boolean exists = fileSystem.exists(path);
        if (exists && !fileSystem.getFileStatus(path).isDirectory()) {
            throw new UserError("--output: expected a folder, found a file: " + path);
        }
        if (exists
                && place.equals(path)
                && !fileSystem.exists(new Path(path, OWN))
                && fileSystem.listStatus(path).length > 0) {
            throw new UserError(
                    EmbedCommand.OUTPUT_TAKEN,
                    "--output: " + path + " exists and holds files of another writer; name another folder");
        }
        if (!fileSystem.mkdirs(own(UNITS))) {
            throw new UserError("--output: " + path + " cannot be made: no permission, or a read-only or full disk");
        }
    }

    /** Null where no run has begun. */
    Manifest readManifest() throws IOException {
        return fileSystem.exists(own(MANIFEST)) ? SmallFile.readJson(fileSystem, own(MANIFEST), Manifest.class) : null;
    }

    boolean isComplete() throws IOException {
        return fileSystem.exists(own(METRICS));
    }

    /** Removes every file that an earlier run wrote. */
    void removeResults() throws IOException {
        fileSystem.delete(own(METRICS), false);
        fileSystem.delete(success(), false);
        removeData(path);
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
        fileSystem.delete(own(METRICS), false);
        fileSystem.delete(success(), false);
        for (String name : List.of(UNITS, TASKS, PARTITIONS, REPLACED, REPLACING)) {
            fileSystem.delete(own(name), true);
        }
        fileSystem.mkdirs(own(UNITS));
        SmallFile.writeJson(fileSystem, own(MANIFEST), manifest);
    }

    /** Removes what tasks of a run that ended have left. */
    void removeTaskFiles() throws IOException {
        fileSystem.delete(own(TASKS), true);
    }

    /** Moves a unit's files to their place and writes its marker, in this order. */
    UnitMarker commit(Written unit, UnitCounts counts, String run) throws IOException {
        List<UnitFile> files = new ArrayList<>();
        for (UnitFile file : unit.files()) {
            Path source = new Path(unit.folder(), file.path());
            String name = source.getName()
                    .replaceFirst("^part", "part-" + digits(unit.unit()))
                    .replaceFirst("\\.json$", ".jsonl");
            String parent = file.path()
                    .substring(0, file.path().length() - source.getName().length());
            Path target = new Path(place, parent + name);
            // A run that died between this and the marker left a file of the same rows.
            fileSystem.delete(target, false);
            move(source, target);
            files.add(new UnitFile(parent + name, file.length()));
        }
        UnitMarker marker =
                new UnitMarker(unit.unit(), counts, files, run, unit.executor(), unit.host(), unit.kernels());
        SmallFile.writeJson(fileSystem, marker(unit.unit()), marker);
        fileSystem.delete(new Path(unit.folder()), true);
        return marker;
    }

    private Path marker(int unit) {
        return new Path(own(UNITS), digits(unit) + ".json");
    }

    /** The same in every locale, some of which have digits of their own: a later run looks for the name. */
    private static String digits(int unit) {
        return String.format(Locale.ROOT, "%06d", unit);
    }

    /** The units that are done. */
    Map<Integer, UnitMarker> markers() throws IOException {
        Map<Integer, UnitMarker> markers = new TreeMap<>();
        for (FileStatus file :
                fileSystem.listStatus(own(UNITS), path -> path.getName().matches("\\d+\\.json"))) {
            UnitMarker marker = SmallFile.readJson(fileSystem, file.getPath(), UnitMarker.class);
            markers.put(marker.unit(), marker);
        }
        return markers;
    }

    /**
     * Removes the markers of units whose files are gone or of another length; returns these units. None is where a run
     * has begun to replace partitions and has not ended it, as files have left their place.
     */
    BitSet removeBrokenMarkers(Map<Integer, UnitMarker> markers) throws IOException {
        BitSet broken = new BitSet();
        if (fileSystem.exists(own(REPLACING))) {
            return broken;
        }
        for (UnitMarker marker : markers.values()) {
            for (UnitFile file : marker.files()) {
                Path data = new Path(place, file.path());
                if (!fileSystem.exists(data) || fileSystem.getFileStatus(data).getLen() != file.length()) {
                    broken.set(marker.unit());
                    fileSystem.delete(marker(marker.unit()), false);
                }
            }
        }
        broken.stream().forEach(markers::remove);
        return broken;
    }

    /** Writes what says that the run is complete. */
    void finish(Object metrics) throws IOException {
        removeTaskFiles();
        fileSystem.create(success(), true).close();
        SmallFile.writeJson(fileSystem, own(METRICS), metrics);
    }

    /**
     * Puts finished partitions in the place of older ones, by two renames each: the old one goes to
     * {@code _bybert/replaced}, the new one takes its place. Run again after a crash it does what is left. A reader
     * sees a partition as it was, as it is, or for the moment between the two renames not at all.
     */
    void replacePartitions(Collection<UnitMarker> markers) throws IOException {
        fileSystem.create(own(REPLACING), true).close();
        Set<String> partitions = markers.stream()
                .flatMap(marker -> marker.files().stream())
                .map(file -> file.path().substring(0, file.path().lastIndexOf('/')))
                .collect(Collectors.toCollection(TreeSet::new));
        for (String partition : partitions) {
            Path finished = new Path(place, partition);
            Path old = new Path(path, partition);
            // Otherwise it was moved before a crash.
            if (fileSystem.exists(finished)) {
                if (fileSystem.exists(old)) {
                    Path replaced = new Path(own(REPLACED), partition);
                    fileSystem.delete(replaced, true);
                    move(old, replaced);
                }
                move(finished, old);
            }
        }
        fileSystem.delete(own(REPLACED), true);
        fileSystem.delete(own(PARTITIONS), true);
        fileSystem.delete(own(REPLACING), false);
    }

    private void move(Path from, Path to) throws IOException {
        fileSystem.mkdirs(to.getParent());
        if (!fileSystem.rename(from, to)) {
            throw new IOException(from + " cannot be moved to " + to);
        }
    }
}
