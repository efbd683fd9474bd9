package org.bybert.job.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.Character.UnicodeScript;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.SparkSession;
import org.bybert.job.terminal.UserError;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of a source that hold its rows, all of one format: not those whose name, or whose folder's name, begins
 * with . or _, as Spark has it; and none that is empty, or not named as data where others are, which is said.
 *
 * @param files   with at least one byte
 * @param folders to name to Spark, which looks into folders like day=1 below them but into no others; or a file
 * @param empty   whether there are empty ones besides, which Spark takes for broken Parquet or ORC
 */
record DataFiles(Source source, DataFormat format, List<FileStatus> files, Set<String> folders, boolean empty) {

    private static final Logger LOG = LoggerFactory.getLogger(DataFiles.class);

    /** So many files are looked into, and at so many bytes of each, to tell what they hold. */
    static final int LOOKED_INTO = 100;

    private static final int BEGINNING = 1 << 16;

    private static final JsonFactory JSON = new JsonFactory();

    private static final Set<UnicodeScript> JAPANESE =
            EnumSet.of(UnicodeScript.HAN, UnicodeScript.HIRAGANA, UnicodeScript.KATAKANA);

    private static final String ICEBERG = "metadata";

    /** What lies in the folder of a table, by its kind. */
    private static final Map<String, String> TABLES = new TreeMap<>(
            Map.of("_delta_log", "a Delta table", ".hoodie", "a Hudi table", ICEBERG, "an Iceberg table"));

    /** A file with the folder by which Spark finds it. */
    private record Found(FileStatus file, Path folder) {

        String name() {
            return file.getPath().getName();
        }
    }

    /**
     * @param roots what lies at the source's path
     * @throws UserError where there are no files, or they are of no known format or of several
     */
    static DataFiles of(Source source, List<FileStatus> roots, Configuration hadoop) {
        List<Found> all = new ArrayList<>();
        for (FileStatus root : roots) {
            source.attempt(() -> {
                collect(root.getPath().getFileSystem(hadoop), root, root.getPath(), all);
                return null;
            });
        }
        if (source.reading().format() == null) {
            source.attempt(() -> {
                requireNoTable(source, roots, hadoop);
                return null;
            });
        }
        all.sort(Comparator.comparing(found -> found.file.getPath()));
        boolean single = roots.size() == 1 && roots.get(0).isFile();
        Map<DataFormat, List<Found>> byFormat = new TreeMap<>(all.stream()
                .filter(found -> DataFormat.of(found.name()) != null)
                .collect(Collectors.groupingBy(found -> DataFormat.of(found.name()))));
        DataFormat wanted = source.reading().format();
        DataFormat named = wanted != null
                ? wanted
                : byFormat.size() == 1 ? byFormat.keySet().iterator().next() : null;
        if (named == null) {
            throw new UserError(source.where() + ": expected "
                    + (single ? "a name that ends in " : "files of one format (") + DataFormat.KNOWN
                    + (single ? "" : ")") + ", found "
                    + (byFormat.isEmpty()
                            ? names(all)
                            : byFormat.keySet() + "; name one kind with a glob, e.g. *."
                                    + byFormat.keySet().iterator().next().name().toLowerCase(Locale.ROOT)));
        }
        // With a format that is given, files may have whatever names.
        List<Found> data = byFormat.getOrDefault(named, all);
        List<Found> used =
                data.stream().filter(found -> found.file.getLen() > 0).toList();
        List<Found> others = new ArrayList<>(all);
        others.removeAll(used);
        if (!others.isEmpty() && !used.isEmpty()) {
            LOG.warn(
                    "{}: {} of {} files not read, as they are empty or not named as {}: {}",
                    source.where(),
                    others.size(),
                    all.size(),
                    named,
                    names(others));
        }
        requireNoneBesidePartitions(source, used);
        Set<String> folders = used.stream()
                .map(found -> found.folder.toString())
                .collect(Collectors.toCollection(LinkedHashSet::new));
        boolean empty = data.size() > used.size();
        if (empty && !named.isText() && folders.size() > 1) {
            throw new UserError(source.where() + ": expected no empty files where several folders hold " + named
                    + ", found "
                    + names(data.stream()
                            .filter(found -> found.file.getLen() == 0)
                            .toList())
                    + "; remove them, or name one folder");
        }
        DataFiles files =
                new DataFiles(source, named, used.stream().map(Found::file).toList(), folders, empty);
        return named.isText() ? files.lookedInto(hadoop) : files;
    }

    /** Beside the files of such a table lie those of its past. */
    private static void requireNoTable(Source source, List<FileStatus> roots, Configuration hadoop) throws IOException {
        Set<Path> folders = new LinkedHashSet<>();
        for (FileStatus root : roots) {
            Path folder = root.isFile() ? root.getPath().getParent() : root.getPath();
            while (folders.add(folder) && folder.getName().matches("[^=]+=.*|data") && folder.getParent() != null) {
                folder = folder.getParent();
            }
        }
        for (Path folder : folders) {
            FileSystem fileSystem = folder.getFileSystem(hadoop);
            for (Map.Entry<String, String> mark : TABLES.entrySet()) {
                Path path = new Path(folder, mark.getKey());
                if (fileSystem.exists(path) && (!mark.getKey().equals(ICEBERG) || isOfIceberg(fileSystem, path))) {
                    throw new UserError(
                            source.where() + ": expected files, found those of " + mark.getValue() + " (there is "
                                    + path + "), which keeps rows of its past beside the others; name the table as "
                                    + "Spark's catalog has it, or read every file, removed rows too, with --format");
                }
            }
        }
    }

    private static boolean isOfIceberg(FileSystem fileSystem, Path metadata) throws IOException {
        return fileSystem.listStatus(metadata, path -> path.getName().endsWith(".metadata.json")).length > 0;
    }

    /** Spark would leave out files that lie beside folders like day=1. */
    private static void requireNoneBesidePartitions(Source source, List<Found> used) {
        Map<Boolean, Set<Path>> folders = used.stream()
                .collect(Collectors.partitioningBy(
                        found -> found.folder.equals(found.file.getPath().getParent()),
                        Collectors.mapping(Found::folder, Collectors.toSet())));
        folders.get(true).retainAll(folders.get(false));
        if (!folders.get(true).isEmpty()) {
            throw new UserError(source.where() + ": expected files or folders like day=1 in "
                    + folders.get(true).iterator().next() + ", found both; name them apart, or move the files");
        }
    }

    private static String names(Collection<Found> files) {
        String some = files.stream().limit(3).map(Found::name).collect(Collectors.joining(", "));
        return files.isEmpty() ? "no file" : some + (files.size() > 3 ? ", ..." : "");
    }

    /** @param folder the innermost around the file that is no partition, but not outside what was asked for */
    private static void collect(FileSystem fileSystem, FileStatus at, Path folder, List<Found> found)
            throws IOException {
        if (at.isFile()) {
            found.add(new Found(at, folder));
            return;
        }
        for (FileStatus child : fileSystem.listStatus(at.getPath(), path -> !Source.isHidden(path))) {
            boolean partition = child.isFile() || child.getPath().getName().matches("[^=]+=.*");
            collect(fileSystem, child, partition ? folder : child.getPath(), found);
        }
    }

    /** How Spark reads these files and no others. */
    DataFrameReader reader(SparkSession spark) {
        Map<String, String> options = new HashMap<>();
        // The names are those of files and folders, whatever they look like.
        options.put("__globPaths__", "false");
        Set<String> endings = files.stream()
                .map(file -> DataFormat.ending(file.getPath().getName()))
                .collect(Collectors.toCollection(LinkedHashSet::new));
        if (!endings.contains("")) {
            options.put("pathGlobFilter", "*{" + String.join(",", endings) + "}");
        }
        if (isByFile()) {
            options.put("basePath", folders.iterator().next());
        }
        return spark.read().options(options);
    }

    String[] paths() {
        return isByFile()
                ? files.stream().map(file -> file.getPath().toString()).toArray(String[]::new)
                : folders.toArray(String[]::new);
    }

    private boolean isByFile() {
        return empty && !format.isText();
    }

    /** The same, read as what the files hold where their names leave that open. */
    private DataFiles lookedInto(Configuration hadoop) {
        boolean json = source.reading().format() == null && (format == DataFormat.JSON || format == DataFormat.JSONL);
        boolean document = false;
        for (FileStatus file : files.subList(0, Math.min(files.size(), LOOKED_INTO))) {
            List<String> lines = beginning(file, hadoop);
            if (format == DataFormat.TEXT && isOfMecab(lines)) {
                throw new UserError(source.label() + ": " + file.getPath() + ": expected text, found what MeCab writes "
                        + "(a word and a tab in each line, lines EOS); --format mecab reads it");
            }
            if (format == DataFormat.TEXT && source.reading().format() == null && isOfWakati(lines)) {
                throw new UserError(source.label() + ": " + file.getPath() + ": expected text, found words with spaces "
                        + "between them; --format wakati reads them as words, --format text takes the spaces for text");
            }
            document |= json && isDocument(lines);
        }
        // A .json file, too, may hold a line per object, as Spark and most tools write them.
        DataFormat held = !json ? format : document ? DataFormat.JSON : DataFormat.JSONL;
        return new DataFiles(source, held, files, folders, empty);
    }

    private static boolean isOfMecab(List<String> lines) {
        return lines.contains("EOS") && lines.stream().limit(20).allMatch(line -> line.matches("EOS|[^\t]+\t.*"));
    }

    /** Japanese has no spaces: half of the letters are of its scripts, and a space follows at least every fourth. */
    private static boolean isOfWakati(List<String> lines) {
        String text = lines.stream().limit(20).collect(Collectors.joining());
        long spaces = text.chars().filter(c -> c == ' ').count();
        long letters = text.codePoints().filter(Character::isLetter).count();
        long japanese = text.codePoints()
                .filter(Character::isLetter)
                .filter(c -> JAPANESE.contains(UnicodeScript.of(c)))
                .count();
        return spaces > 2 && japanese * 2 > letters && spaces * 4 > letters;
    }

    /** Whether a file that begins so holds an array, or objects over several lines. */
    private static boolean isDocument(List<String> lines) {
        List<String> first = lines.stream()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .limit(2)
                .toList();
        if (first.isEmpty() || first.get(0).startsWith("[")) {
            return !first.isEmpty();
        }
        if (!first.get(0).startsWith("{") || first.size() < 2 || first.get(1).startsWith("{")) {
            return false;
        }
        try (JsonParser parser = JSON.createParser(first.get(0))) {
            parser.nextToken();
            parser.skipChildren();
            return parser.currentToken() != JsonToken.END_OBJECT;
        } catch (IOException e) {
            return e instanceof JsonEOFException;
        }
    }

    /** Lines of which none is an object. */
    UserError notJsonLines(Configuration hadoop) {
        FileStatus file = files.get(0);
        List<String> lines = beginning(file, hadoop);
        String first = IntStream.range(0, lines.size())
                .filter(i -> !lines.get(i).isBlank())
                .limit(3)
                .mapToObj(i -> "line " + (i + 1) + ": " + TextDecoder.shown(lines.get(i)))
                .collect(Collectors.joining("; "));
        List<String> header =
                lines.stream().filter(line -> !line.isBlank()).limit(2).toList();
        return new UserError(source.label() + ": " + file.getPath().getName() + ": expected JSON lines, found no line "
                + "that is a JSON object: " + first + "; --format "
                + (isOfMecab(lines)
                        ? "mecab"
                        : header.stream().allMatch(line -> line.contains("\t"))
                                ? "tsv"
                                : header.stream().allMatch(line -> line.contains(",")) ? "csv" : "text")
                + " would read it");
    }

    /** The lines of a file's beginning; the last one may be incomplete. */
    private List<String> beginning(FileStatus file, Configuration hadoop) {
        byte[] bytes = source.attempt(() -> {
            try (InputStream in = open(file.getPath(), hadoop)) {
                return in.readNBytes(BEGINNING);
            } catch (EOFException | ZstdIOException e) {
                throw new UserError(
                        source.label() + ": "
                                + (isCutOff(e)
                                        ? cutOff(file.getPath().toString())
                                        : file.getPath() + " cannot be read: " + e.getMessage()),
                        e);
            }
        });
        if (source.reading().encoding() == null && looksLikeUtf16(bytes)) {
            throw new UserError(source.label() + ": " + file.getPath() + ": expected UTF-8, found what looks like "
                    + "UTF-16; --encoding UTF-16 (UTF-16LE, UTF-16BE where there is no byte order mark) reads it");
        }
        return new BufferedReader(new TextDecoder(
                        new ByteArrayInputStream(bytes), source.reading().charset()))
                .lines()
                .toList();
    }

    /** By a byte order mark, or by a zero at each end of a line. */
    private static boolean looksLikeUtf16(byte[] bytes) {
        int first = bytes.length < 2 ? 0 : (bytes[0] & 0xff) << 8 | bytes[1] & 0xff;
        int ends = 0;
        int zeros = 0;
        for (int i = 1; i < bytes.length - 1; i++) {
            if (bytes[i] == '\n') {
                ends++;
                zeros += bytes[i - 1] == 0 || bytes[i + 1] == 0 ? 1 : 0;
            }
        }
        return first == 0xfeff || first == 0xfffe || ends > 0 && zeros * 2 > ends;
    }

    /** What a compressed file says that ends within its data. */
    static String cutOff(String file) {
        return file + " is truncated: its compressed data ends early; fetch or write it again";
    }

    static boolean isZstd(Path file) {
        return file.getName().toLowerCase(Locale.ROOT).endsWith(".zst");
    }

    /** Whether compressed data ended early. */
    static boolean isCutOff(Throwable t) {
        return t instanceof EOFException
                || t instanceof ZstdIOException && t.getMessage().contains("Truncated");
    }

    /** The content of a file, decompressed where its name says that it is compressed. */
    static InputStream open(Path file, Configuration hadoop) throws IOException {
        CompressionCodec codec = new CompressionCodecFactory(hadoop).getCodec(file);
        InputStream raw = file.getFileSystem(hadoop).open(file);
        if (isZstd(file)) {
            // Hadoop's own codec needs a native library that few installations have.
            return new ZstdInputStream(raw);
        }
        return codec == null ? raw : codec.createInputStream(raw);
    }
}
