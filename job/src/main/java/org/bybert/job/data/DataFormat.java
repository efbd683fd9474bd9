package org.bybert.job.data;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.bybert.job.UserError;

/** How a set is stored, told from the names of its files. */
enum DataFormat {
    /** One JSON object per line. */
    JSON_LINES,
    /** One JSON document per file. */
    JSON_DOCUMENT,
    PARQUET,
    /** One example per line. */
    TEXT;

    private static final String KNOWN = ".jsonl, .ndjson, .json, .parquet or .txt, also compressed (.gz, .bz2)";

    /** @throws UserError where the path does not exist or its files are of no known format, or of several */
    static DataFormat of(DataSet set, Configuration hadoop) {
        try {
            Path path = new Path(set.path());
            FileSystem fileSystem = path.getFileSystem(hadoop);
            FileStatus[] found = fileSystem.globStatus(path);
            if (found == null || found.length == 0) {
                throw new UserError("data " + set.name() + ": " + set.path() + " not found");
            }
            List<Path> files = files(fileSystem, found);
            TreeSet<DataFormat> formats = new TreeSet<>();
            for (Path file : files) {
                formats.add(of(file, set, hadoop));
            }
            if (formats.size() != 1) {
                throw new UserError("data " + set.name() + ": " + set.path() + ": expected files of one format ("
                        + KNOWN + "), found " + (files.isEmpty() ? "no file" : formats));
            }
            return formats.first();
        } catch (IOException | IllegalArgumentException e) {
            throw new UserError("data " + set.name() + ": " + set.path() + " cannot be read: " + e, e);
        }
    }

    private static List<Path> files(FileSystem fileSystem, FileStatus[] found) throws IOException {
        List<Path> files = new ArrayList<>();
        for (FileStatus status : found) {
            if (status.isFile()) {
                files.add(status.getPath());
            } else {
                FileStatus[] children = fileSystem.listStatus(status.getPath(), p -> !p.getName().matches("[._].*"));
                files.addAll(files(fileSystem, children));
            }
        }
        return files;
    }

    private static DataFormat of(Path file, DataSet set, Configuration hadoop) throws IOException {
        String name = file.getName().toLowerCase(Locale.ROOT).replaceFirst("\\.(gz|bz2|deflate|zst|lz4|snappy)$", "");
        String extension = name.substring(name.lastIndexOf('.') + 1);
        return switch (extension) {
            case "jsonl", "ndjson" -> JSON_LINES;
            case "json" -> startsWithArray(file, hadoop) ? JSON_DOCUMENT : JSON_LINES;
            case "parquet" -> PARQUET;
            case "txt", "text" -> TEXT;
            default -> throw new UserError("data " + set.name() + ": " + file + ": expected a name that ends in "
                    + KNOWN);
        };
    }

    /** A .json file holds either lines of objects, as Spark and most tools write them, or one array of objects. */
    private static boolean startsWithArray(Path file, Configuration hadoop) throws IOException {
        CompressionCodec codec = new CompressionCodecFactory(hadoop).getCodec(file);
        try (InputStream raw = file.getFileSystem(hadoop).open(file);
                InputStream in = codec == null ? raw : codec.createInputStream(raw)) {
            int c = in.read();
            while (Character.isWhitespace(c) || Arrays.asList(0xEF, 0xBB, 0xBF).contains(c)) {
                c = in.read();
            }
            return c == '[';
        }
    }
}
