package org.bybert.job.data;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.functional.CallableRaisingIOE;
import org.bybert.job.terminal.UserError;

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

    /** @throws UserError where the work fails */
    <T> T attempt(CallableRaisingIOE<T> work) {
        try {
            return work.apply();
        } catch (IOException | IllegalArgumentException e) {
            throw new UserError(where() + " cannot be read: " + e, e);
        }
    }

    private static FileStatus[] found(Path path, Configuration hadoop) throws IOException {
        FileStatus[] found = path.getFileSystem(hadoop).globStatus(path);
        return found == null ? new FileStatus[0] : found;
    }

    /** Whether there is anything at the path, be it an empty folder. */
    boolean exists(Configuration hadoop) {
        return attempt(() -> found(new Path(path), hadoop).length > 0);
    }

    /**
     * The files below the path as Spark sees them: without those whose name, or whose folder's name, begins with . or
     * _; none where there is nothing.
     *
     * @throws UserError where the path cannot be read
     */
    List<FileStatus> files(Configuration hadoop) {
        return attempt(() -> {
            Path folder = new Path(path);
            return files(folder.getFileSystem(hadoop), found(folder, hadoop));
        });
    }

    private static List<FileStatus> files(FileSystem fileSystem, FileStatus[] found) throws IOException {
        List<FileStatus> files = new ArrayList<>();
        for (FileStatus status : found) {
            if (status.isFile()) {
                files.add(status);
            } else {
                FileStatus[] children = fileSystem.listStatus(
                        status.getPath(), p -> !p.getName().matches("[._].*"));
                files.addAll(files(fileSystem, children));
            }
        }
        return files;
    }

    /** @param uri as Spark names a file, with %-escapes */
    FileStatus status(String uri, Configuration hadoop) {
        return attempt(() -> {
            Path file = new Path(URI.create(uri));
            return file.getFileSystem(hadoop).getFileStatus(file);
        });
    }
}
