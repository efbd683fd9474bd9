package org.bybert.job.data;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.bybert.job.UserError;

/** The files below a path as Spark sees them: without those whose name, or whose folder's name, begins with . or _. */
final class SourceFiles {

    private SourceFiles() {
    }

    /**
     * Empty where there is nothing at the path.
     *
     * @throws UserError where the path cannot be read
     */
    static List<FileStatus> of(Source source, Configuration hadoop) {
        try {
            Path path = new Path(source.path());
            FileSystem fileSystem = path.getFileSystem(hadoop);
            FileStatus[] found = fileSystem.globStatus(path);
            return found == null ? List.of() : files(fileSystem, found);
        } catch (IOException | IllegalArgumentException e) {
            throw new UserError(source.where() + " cannot be read: " + e, e);
        }
    }

    /** Whether there is anything at the path, be it an empty folder. */
    static boolean exists(Source source, Configuration hadoop) {
        try {
            Path path = new Path(source.path());
            FileStatus[] found = path.getFileSystem(hadoop).globStatus(path);
            return found != null && found.length > 0;
        } catch (IOException | IllegalArgumentException e) {
            throw new UserError(source.where() + " cannot be read: " + e, e);
        }
    }

    /** @param uri as Spark names a file, with %-escapes */
    static FileStatus status(Source source, String uri, Configuration hadoop) {
        try {
            Path path = new Path(URI.create(uri));
            return path.getFileSystem(hadoop).getFileStatus(path);
        } catch (IOException | IllegalArgumentException e) {
            throw new UserError(source.where() + " cannot be read: " + e, e);
        }
    }

    private static List<FileStatus> files(FileSystem fileSystem, FileStatus[] found) throws IOException {
        List<FileStatus> files = new ArrayList<>();
        for (FileStatus status : found) {
            if (status.isFile()) {
                files.add(status);
            } else {
                FileStatus[] children = fileSystem.listStatus(status.getPath(), p -> !p.getName().matches("[._].*"));
                files.addAll(files(fileSystem, children));
            }
        }
        return files;
    }
}
