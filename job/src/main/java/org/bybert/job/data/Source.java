package org.bybert.job.data;

/**
 * Where rows come from.
 *
 * @param label  how messages name it, e.g. {@code --input}
 * @param path   file, folder or glob that Hadoop can read, or name of a table in Spark's catalog
 * @param format null to tell it from the names of the files
 */
public record Source(String label, String path, DataFormat format) {

    /** How messages begin. */
    public String where() {
        return label + ": " + path;
    }
}
