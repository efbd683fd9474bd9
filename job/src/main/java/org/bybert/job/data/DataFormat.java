package org.bybert.job.data;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How rows are stored, told from the names of the files. */
public enum DataFormat {
    PARQUET,
    ORC,
    /** One JSON object per line. */
    JSONL,
    /** JSON objects one after the other, or in an array, however they are spread over lines. */
    JSON,
    /** Comma-separated values with a header; a quoted value may hold line ends. */
    CSV,
    /** As {@link #CSV}, with tabs. */
    TSV,
    /** One row per line. */
    TEXT,
    /** Output of MeCab: a word and a tab in each line, a row up to each line {@code EOS}. */
    MECAB,
    /** Words with spaces between them, a row per line. */
    WAKATI,
    /** A table or view of Spark's catalog. */
    TABLE;

    static final String KNOWN =
            ".parquet, .orc, .jsonl, .ndjson, .json, .csv, .tsv, .txt, .mecab or .wakati, also compressed "
                    + "(.gz, .bz2, .zst)";

    private static final Pattern NAME =
            Pattern.compile("(?i).+\\.(parquet|orc|jsonl|ndjson|json|csv|tsv|txt|text|mecab|wakati)"
                    + "(?:\\.(?:gz|bz2|deflate|zst|lz4|snappy))?");

    /** By the name of a file; null where the name does not say it. */
    static DataFormat of(String file) {
        Matcher name = NAME.matcher(file);
        return !name.matches()
                ? null
                : switch (name.group(1).toLowerCase(Locale.ROOT)) {
                    case "ndjson" -> JSONL;
                    case "txt", "text" -> TEXT;
                    default -> valueOf(name.group(1).toUpperCase(Locale.ROOT));
                };
    }

    /** How a file's name ends that says its format. */
    static String ending(String file) {
        Matcher name = NAME.matcher(file);
        return name.matches() ? file.substring(name.start(1) - 1) : "";
    }

    boolean isText() {
        return this != PARQUET && this != ORC && this != TABLE;
    }
}
