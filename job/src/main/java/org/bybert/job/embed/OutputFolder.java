package org.bybert.job.embed;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.util.functional.ConsumerRaisingIOE;
import org.apache.spark.util.ThreadUtils;
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
 * _bybert/summary.txt               what the terminal shows at the end
 * _bybert/metrics.json              written last
 * _bybert/lock                      a job is writing
 * _bybert/lock.claim                a job takes over a lock that was left behind
 * _bybert/tasks/                    files of running tasks
 * _bybert/partitions/               finished files that have yet to replace a partition
 * _bybert/replaced/                 partitions that were replaced, until all are
 * _bybert/replacing.json            files that are deleted when the new ones are there, where files are moved one by one
 * </pre>
 * Files that have yet to replace a partition carry their run in their names (part-000003-1a2b3c4d-c000...), so that new
 * and old can lie side by side and are never taken for each other.
 *
 * @param place where files of finished units go: the folder, or {@code _bybert/partitions} below it
 */
record OutputFolder(FileSystem fileSystem, Path path, Path place) {

    private static final String OWN = "_bybert";
    static final String LOCK = "lock";
    static final String TASKS = "tasks";
    private static final String MANIFEST = "manifest.json";
    private static final String UNITS = "units";
    /** What the terminal shows at the end: that of a driver on a cluster is far away. */
    private static final String SUMMARY = "summary.txt";

    private static final String METRICS = "metrics.json";
    private static final String PARTITIONS = "partitions";
    private static final String REPLACED = "replaced";
    private static final String REPLACING = "replacing.json";
    private static final Pattern DATA =
            Pattern.compile("part-\\d{6,}(-[0-9a-f]{8})?[-.]c\\d+\\..*", Pattern.UNICODE_CHARACTER_CLASS);

    /** Requests to a store at one time: each waits for an answer. */
    static final int AT_ONCE = 16;

    /** What is deleted when new partitions are in place: paths in the output, by partition. */
    private record Replacing(Map<String, List<String>> old) {}

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
        if (place.equals(path) && !fileSystem.exists(new Path(path, OWN)) && list(path).length > 0) {
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
        fileSystem.delete(own(SUMMARY), false);
        fileSystem.delete(success(), false);
        removeData(path, Set.of());
    }

    /** @param kept files that stay */
    private void removeData(Path parent, Set<Path> kept) throws IOException {
        for (FileStatus status : list(parent)) {
            String name = status.getPath().getName();
            if (status.isDirectory() && name.contains("=")) {
                removeData(status.getPath(), kept);
                if (list(status.getPath()).length == 0) {
                    fileSystem.delete(status.getPath(), false);
                }
            } else if (status.isFile() && DATA.matcher(name).matches() && !kept.contains(status.getPath())) {
                fileSystem.delete(status.getPath(), false);
            }
        }
    }

    /** Nothing where there is no such folder. */
    private FileStatus[] list(Path folder) throws IOException {
        try {
            return fileSystem.listStatus(folder);
        } catch (FileNotFoundException e) {
            return new FileStatus[0];
        }
    }

    /**
     * Begins a new run: nothing is done yet. The earlier run's manifest goes before what says that it is complete, so
     * that whoever is cut off in between finds a complete run, or none.
     */
    void begin(Manifest manifest) throws IOException {
        for (String name : List.of(UNITS, TASKS, PARTITIONS, REPLACED, REPLACING, MANIFEST, METRICS)) {
            fileSystem.delete(own(name), true);
        }
        fileSystem.delete(success(), false);
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
        String tag = place.equals(path) ? "" : "-" + HexFormat.of().toHexDigits(run.hashCode());
        for (UnitFile file : unit.files()) {
            Path source = new Path(unit.folder(), file.path());
            String name = source.getName()
                    .replaceFirst("^part", "part-" + digits(unit.unit()) + tag)
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
     * Makes what an earlier run left fit to be continued: removes the markers of units whose files are gone or of
     * another length, and files without a marker. Returns the units that lost theirs.
     */
    BitSet mend(Map<Integer, UnitMarker> markers) throws IOException {
        Set<UnitFile> found = found(place, files(markers.values()));
        if (!place.equals(path)) {
            // Some partitions may have been replaced.
            found.addAll(found(path, files(markers.values())));
        }
        BitSet broken = new BitSet();
        for (UnitMarker marker : markers.values()) {
            if (!found.containsAll(marker.files())) {
                broken.set(marker.unit());
                fileSystem.delete(marker(marker.unit()), false);
            }
        }
        broken.stream().forEach(markers::remove);
        removeData(
                place,
                files(markers.values()).stream()
                        .map(file -> new Path(place, file.path()))
                        .collect(Collectors.toSet()));
        return broken;
    }

    /** Those of the files that a folder holds in their length; folders are listed, and files not asked for one by one. */
    private Set<UnitFile> found(Path root, Collection<UnitFile> files) throws IOException {
        Set<UnitFile> found = new HashSet<>();
        for (String partition : byPartition(files).keySet()) {
            for (FileStatus file : list(below(root, partition))) {
                String name = file.getPath().getName();
                found.add(new UnitFile(partition.isEmpty() ? name : partition + '/' + name, file.getLen()));
            }
        }
        found.retainAll(Set.copyOf(files));
        return found;
    }

    private static Path below(Path root, String partition) {
        return partition.isEmpty() ? root : new Path(root, partition);
    }

    private static List<UnitFile> files(Collection<UnitMarker> markers) {
        return markers.stream().flatMap(marker -> marker.files().stream()).toList();
    }

    /** By the folder they are in, which is an empty string where there are no partitions. */
    private static SortedMap<String, List<UnitFile>> byPartition(Collection<UnitFile> files) {
        return files.stream()
                .collect(Collectors.groupingBy(
                        file -> file.path().substring(0, Math.max(0, file.path().lastIndexOf('/'))),
                        TreeMap::new,
                        Collectors.toList()));
    }

    /** @throws IOException where a file is not in the output, or has another length */
    private void requireAll(Collection<UnitFile> files) throws IOException {
        Set<UnitFile> found = found(path, files);
        for (UnitFile file : files) {
            if (!found.contains(file)) {
                throw new IOException(new Path(path, file.path()) + ": expected the " + file.length()
                        + " bytes that were written, found no such file");
            }
        }
    }

    /** Writes what says that the run is complete, where every file of its units is there. */
    void finish(Collection<UnitMarker> markers, String summary, Object metrics) throws IOException {
        requireAll(files(markers));
        removeTaskFiles();
        fileSystem.create(success(), true).close();
        SmallFile.writeText(fileSystem, own(SUMMARY), summary);
        SmallFile.writeJson(fileSystem, own(METRICS), metrics);
    }

    /**
     * Puts finished partitions in the place of older ones; run again after a crash it does what is left. Nothing old is
     * deleted before all that is new is there.
     *
     * <p>Where the file system renames a folder in one step, it takes two renames each: the old partition goes to
     * {@code _bybert/replaced}, the new one takes its place, and a reader sees the one, the other, or for the moment
     * between them none. Elsewhere a rename copies: the files of a partition are moved one by one beside the old ones,
     * which are deleted when all are there; until then a reader sees both.
     */
    void replacePartitions(Collection<UnitMarker> markers) throws IOException {
        SortedMap<String, List<UnitFile>> partitions = byPartition(files(markers));
        Set<UnitFile> finished = found(place, files(markers));
        Set<UnitFile> there = found(path, files(markers));
        Replacing replacing = new Replacing(Map.of());
        if (!OutputLock.isAtomic(fileSystem)) {
            if (fileSystem.exists(own(REPLACING))) {
                replacing = SmallFile.readJson(fileSystem, own(REPLACING), Replacing.class);
            } else {
                replacing = replacing(partitions, there);
                SmallFile.writeJson(fileSystem, own(REPLACING), replacing);
            }
        }
        for (Map.Entry<String, List<UnitFile>> partition : partitions.entrySet()) {
            List<UnitFile> files = partition.getValue();
            Path old = below(path, partition.getKey());
            if (OutputLock.isAtomic(fileSystem) && finished.containsAll(files)) {
                if (fileSystem.exists(old)) {
                    Path replaced = new Path(own(REPLACED), partition.getKey());
                    fileSystem.delete(replaced, true);
                    move(old, replaced);
                }
                move(below(place, partition.getKey()), old);
            } else {
                List<UnitFile> left =
                        files.stream().filter(file -> !there.contains(file)).toList();
                atOnce(left, file -> move(new Path(place, file.path()), new Path(path, file.path())));
            }
            List<String> replaced = replacing.old.getOrDefault(partition.getKey(), List.of());
            if (!replaced.isEmpty()) {
                requireAll(files);
                atOnce(replaced, file -> fileSystem.delete(new Path(path, file), false));
            }
        }
        requireAll(files(markers));
        // This record first: what it names is gone.
        for (String name : List.of(REPLACING, REPLACED, PARTITIONS)) {
            fileSystem.delete(own(name), true);
        }
    }

    /** What lies in partitions that are yet to be replaced. */
    private Replacing replacing(SortedMap<String, List<UnitFile>> partitions, Set<UnitFile> there) throws IOException {
        Map<String, List<String>> old = new TreeMap<>();
        for (Map.Entry<String, List<UnitFile>> partition : partitions.entrySet()) {
            Path folder = below(path, partition.getKey());
            if (there.containsAll(partition.getValue()) || !fileSystem.exists(folder)) {
                continue;
            }
            Set<String> own = partition.getValue().stream().map(UnitFile::path).collect(Collectors.toSet());
            List<String> files = new ArrayList<>();
            RemoteIterator<LocatedFileStatus> listed = fileSystem.listFiles(folder, true);
            while (listed.hasNext()) {
                files.add(
                        path.toUri().relativize(listed.next().getPath().toUri()).getPath());
            }
            files.removeIf(own::contains);
            old.put(partition.getKey(), files);
        }
        return new Replacing(old);
    }

    private static <T> void atOnce(Collection<T> items, ConsumerRaisingIOE<T> work) throws IOException {
        ExecutorService threads = ThreadUtils.newDaemonFixedThreadPool(AT_ONCE, "bybert moves");
        try {
            List<Callable<Void>> calls = items.stream()
                    .<Callable<Void>>map(item -> () -> {
                        work.accept(item);
                        return null;
                    })
                    .toList();
            for (Future<Void> done : threads.invokeAll(calls)) {
                done.get();
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException known ? known : new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(e.getMessage());
        } finally {
            threads.shutdownNow();
        }
    }

    private void move(Path from, Path to) throws IOException {
        fileSystem.mkdirs(to.getParent());
        if (!fileSystem.rename(from, to)) {
            throw new IOException(from + " cannot be moved to " + to);
        }
    }
}
