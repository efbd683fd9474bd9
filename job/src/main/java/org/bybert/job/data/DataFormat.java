package org.bybert.job.data;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.apache.spark.sql.SparkSession;
import org.bybert.job.terminal.UserError;

/** How rows are stored, told from the names of the files. */
public enum DataFormat {
    PARQUET,
    ORC,
    /** One JSON object per line. */
    JSONL,
    /** One JSON document per file. */
    JSON,
    /** Comma-separated values with a header; a quoted value may hold line ends. */
    CSV,
    /** One row per line. */
    TEXT,
    /** A table or view of Spark's catalog. */
    TABLE;

    private static final String KNOWN =
            ".parquet, .orc, .jsonl, .ndjson, .json, .csv or .txt, also compressed (.gz, .bz2)";

    /** @throws UserError where the path does not exist or its files are of no known format, or of several */
    static DataFormat of(Source source, SparkSession spark) {
        Configuration hadoop = spark.sparkContext().hadoopConfiguration();
        if (source.format() != TABLE && source.exists(hadoop)) {
            return source.format() != null ? source.format() : ofFiles(source, hadoop);
        }
        try {
            if ((source.format() == null || source.format() == TABLE)
                    && spark.catalog().tableExists(source.path())) {
                return TABLE;
            }
        } catch (Exception e) {
            // Spark throws ParseException without declaring it: most paths are no table's name.
        }
        throw new UserError(
                source.where() + (source.format() == TABLE ? ": no table of this name in the catalog" : " not found"));
    }

    private static DataFormat ofFiles(Source source, Configuration hadoop) {
        List<FileStatus> files = source.files(hadoop);
        TreeSet<DataFormat> formats = new TreeSet<>();
        for (FileStatus file : files) {
            formats.add(source.attempt(() -> of(file.getPath(), source, hadoop)));
        }
        if (formats.size() != 1) {
            throw new UserError(source.where() + ": expected files of one format (" + KNOWN + "), found "
                    + (files.isEmpty() ? "no file" : formats));
        }
        return formats.first();
    }

    private static DataFormat of(Path file, Source source, Configuration hadoop) throws IOException {
        String name = file.getName().toLowerCase(Locale.ROOT).replaceFirst("\\.(gz|bz2|deflate|zst|lz4|snappy)$", "");
        String extension = name.substring(name.lastIndexOf('.') + 1);
        return switch (extension) {
            case "jsonl", "ndjson" -> JSONL;
            case "json" -> startsWithArray(file, hadoop) ? JSON : JSONL;
            case "parquet" -> PARQUET;
            case "orc" -> ORC;
            case "csv" -> CSV;
            case "txt", "text" -> TEXT;
            default -> throw new UserError(source.label() + ": " + file + ": expected a name that ends in " + KNOWN);
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
