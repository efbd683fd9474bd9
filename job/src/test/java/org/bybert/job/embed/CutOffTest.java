package org.bybert.job.embed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.bybert.job.DyingFileSystem;
import org.bybert.job.embed.EmbedOptions.OutputMode;
import org.bybert.job.embed.Manifest.Start;
import org.bybert.job.embed.UnitCommitProtocol.Written;
import org.bybert.job.embed.UnitMarker.UnitFile;
import org.bybert.job.terminal.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that dies before any one of its operations, on stores with and without a rename in one step: the run after
 * it leaves each row exactly once. The runs do to the output what {@link Embedding} does, with files of a line per row.
 */
class CutOffTest {

    private static final int UNITS = 3;
    private static final List<String> DAYS = List.of("day=1", "day=2");
    private static final OutputMode RESUME = new OutputMode(false, false, true, false);
    private static final OutputMode OVERWRITE = new OutputMode(true, false, false, false);
    private static final OutputMode PARTITIONS = new OutputMode(false, true, true, false);

    private final Configuration hadoop = new Configuration();

    @TempDir
    Path folder;

    /** @param rows name of the input, by which its rows are known */
    private record Input(String rows, boolean partitions) {

        Manifest manifest() {
            return new Manifest("1", rows, "sha256:" + rows, "mini", Map.of(), null, "f0", Map.of(), 0, UNITS, 10, 100);
        }

        List<String> days() {
            return partitions ? DAYS : List.of("");
        }

        List<String> all() {
            return IntStream.range(0, UNITS)
                    .boxed()
                    .flatMap(unit -> days().stream().map(day -> row(unit, day)))
                    .toList();
        }

        String row(int unit, String day) {
            return rows + unit + day;
        }
    }

    /** What a run does to its output, see {@link Embedding}. */
    private Start run(String output, OutputMode mode, Input input, String application) throws IOException {
        OutputFolder out = OutputFolder.at(output, mode.partitions(), hadoop);
        out.prepare();
        Manifest earlier = out.readManifest();
        Start start = Start.of(earlier, input.manifest(), out.isComplete(), mode);
        if (start == Start.NOTHING) {
            return start;
        }
        if (start == Start.REPLACE) {
            out.removeResults();
        }
        if (start != Start.CONTINUE) {
            out.begin(input.manifest());
        }
        out.removeTaskFiles();
        Map<Integer, UnitMarker> markers = out.markers();
        if (start == Start.CONTINUE) {
            out.mend(markers);
        }
        for (int unit = 0; unit < UNITS; unit++) {
            if (!markers.containsKey(unit)) {
                markers.put(unit, out.commit(written(out, input, unit, application), UnitCounts.NONE, application));
            }
        }
        if (mode.partitions()) {
            out.replacePartitions(markers.values());
        }
        out.finish(markers.values(), "", Map.of("rows", UNITS));
        return start;
    }

    private static Written written(OutputFolder out, Input input, int unit, String application) throws IOException {
        org.apache.hadoop.fs.Path task =
                new org.apache.hadoop.fs.Path(out.own(OutputFolder.TASKS), application + "/" + unit);
        List<UnitFile> files = new ArrayList<>();
        for (String day : input.days()) {
            String path = (day.isEmpty() ? "" : day + "/") + "part-c000.txt";
            byte[] row = input.row(unit, day).getBytes(StandardCharsets.UTF_8);
            try (var stream = out.fileSystem().create(new org.apache.hadoop.fs.Path(task, path))) {
                stream.write(row);
            }
            files.add(new UnitFile(path, row.length));
        }
        return new Written(unit, task.toString(), files, "0", "host", "scalar");
    }

    /** What a reader finds, by partition. */
    private static Map<String, List<String>> read(Path output) throws IOException {
        Map<String, List<String>> rows = new TreeMap<>();
        if (!Files.exists(output)) {
            return rows;
        }
        try (Stream<Path> files = Files.walk(output)) {
            files.filter(Files::isRegularFile)
                    .filter(file -> Stream.of(output.relativize(file).toString().split("/"))
                            .noneMatch(name -> name.startsWith("_") || name.startsWith(".")))
                    .sorted()
                    .forEach(file -> rows.computeIfAbsent(
                                    output.relativize(file.getParent()).toString(), key -> new ArrayList<>())
                            .add(content(file)));
        }
        return rows;
    }

    private static String content(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> sorted(Map<String, List<String>> rows) {
        return rows.values().stream().flatMap(List::stream).sorted().toList();
    }

    /** Also: no reader ever finds a partition of which something is missing, unless between two renames all of it. */
    private void checkMidway(
            String scheme, Map<String, List<String>> found, Map<String, List<String>> before, Input now) {
        for (String day : now.days()) {
            List<String> wanted = IntStream.range(0, UNITS)
                    .mapToObj(unit -> now.row(unit, day))
                    .toList();
            List<String> rows = found.getOrDefault(day, List.of());
            boolean old = rows.containsAll(before.getOrDefault(day, List.of()));
            if (scheme.equals("hdfs")) {
                assertTrue(rows.isEmpty() || rows.equals(before.get(day)) || rows.equals(wanted), rows.toString());
            } else {
                assertTrue(old || rows.containsAll(wanted), rows.toString());
            }
        }
    }

    /** @return operations of a run that is not cut off */
    private int sweep(String scheme, OutputMode mode, Input before, Input now) throws IOException {
        for (int operations = 0; ; operations++) {
            Path output = folder.resolve(scheme + operations + "-" + mode.hashCode() + (before != null));
            String uri = scheme + ":" + output;
            DyingFileSystem.diesAfter(-1);
            if (before != null) {
                run(uri, before.partitions ? PARTITIONS : RESUME, before, "application-0");
                Files.createDirectories(output.resolve("day=9"));
                Files.writeString(output.resolve("day=9/kept.txt"), "kept");
            }
            Map<String, List<String>> old = read(output);
            DyingFileSystem.diesAfter(operations);
            try {
                run(uri, mode, now, "application-1");
            } catch (IOException | UserError e) {
                assertTrue(DyingFileSystem.hasDied(), e.toString());
            }
            boolean died = DyingFileSystem.hasDied();
            if (mode.partitions()) {
                checkMidway(scheme, read(output), old, now);
            }
            // Now and then once more, in the midst of what is left.
            if (operations % 3 == 0) {
                DyingFileSystem.diesAfter(operations % 11);
                try {
                    run(uri, mode, now, "application-2");
                } catch (IOException | UserError e) {
                    assertTrue(DyingFileSystem.hasDied(), "cut off after " + operations + " operations: " + e);
                }
            }
            DyingFileSystem.diesAfter(-1);
            run(uri, mode, now, "application-3");
            List<String> wanted = new ArrayList<>(now.all());
            if (before != null) {
                wanted.add("kept");
            }
            assertEquals(wanted.stream().sorted().toList(), sorted(read(output)), "cut off after " + operations);
            assertEquals(Start.NOTHING, run(uri, mode.overwrite() ? RESUME : mode, now, "application-4"));
            for (String left : List.of("partitions", "replaced", "replacing.json", "tasks")) {
                assertFalse(Files.exists(output.resolve("_bybert/" + left)), left);
            }
            if (!died) {
                return operations;
            }
        }
    }

    @Test
    void eachRowIsThereOnceWhereverARunIsCutOff() throws IOException {
        DyingFileSystem.addTo(hadoop);
        hadoop.set("fs.hdfs.impl.disable.cache", "true");
        for (String scheme : List.of("hdfs", "store")) {
            assertEquals(
                    scheme,
                    FileSystem.get(java.net.URI.create(scheme + ":///"), hadoop).getScheme());
            int resume = sweep(scheme, RESUME, null, new Input("new", false));
            int overwrite = sweep(scheme, OVERWRITE, new Input("old", false), new Input("new", false));
            int partitions = sweep(scheme, PARTITIONS, new Input("old", true), new Input("new", true));
            int first = sweep(scheme, PARTITIONS, null, new Input("new", true));
            System.out.println(scheme + ": a row each, wherever it died: " + resume + " operations of --resume, "
                    + overwrite + " of --overwrite, " + partitions + " of --partition-overwrite over a table, " + first
                    + " without one");
            assertTrue(resume > 20 && overwrite > 20 && partitions > 40 && first > 30);
        }
    }
}
