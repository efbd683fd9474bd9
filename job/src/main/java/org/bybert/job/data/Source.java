package org.bybert.job.data;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.functional.CallableRaisingIOE;
import org.bybert.job.terminal.UserError;
import org.bybert.udf.source.Stores;

/**
 * Where rows come from.
 *
 * @param label   how messages name it, e.g. {@code --input}
 * @param path    file, folder or glob that Hadoop can read, or name of a table in Spark's catalog
 * @param reading how it is read
 */
public record Source(String label, String path, Reading reading) {

    /** How messages begin. */
    public String where() {
        return label + ": " + path;
    }

    /** @throws UserError where the work fails */
    <T> T attempt(CallableRaisingIOE<T> work) {
        try {
            return work.apply();
        } catch (IOException | IllegalArgumentException e) {
            String advice = Stores.advice(e);
            throw new UserError(where() + " cannot be read: " + (advice == null ? e : advice), e);
        } catch (RuntimeException | NoClassDefFoundError e) {
            String advice = Stores.advice(e);
            if (advice == null) {
                throw e;
            }
            throw new UserError(where() + " cannot be read: " + advice, e);
        }
    }

    /** What lies at the path: itself, though it looks like a glob, else what the glob finds; may be nothing. */
    List<FileStatus> found(Configuration hadoop) {
        return attempt(() -> {
            Path name = new Path(path);
            FileSystem fileSystem = name.getFileSystem(hadoop);
            try {
                return List.of(fileSystem.getFileStatus(name));
            } catch (FileNotFoundException e) {
                FileStatus[] found = fileSystem.globStatus(name);
                return Stream.ofNullable(found)
                        .flatMap(Stream::of)
                        .filter(status -> !isHidden(status.getPath()))
                        .toList();
            }
        });
    }

    /** As Spark has it. */
    static boolean isHidden(Path path) {
        return path.getName().startsWith(".") || path.getName().startsWith("_");
    }

    /** @param uri as Spark names a file, with %-escapes */
    FileStatus status(String uri, Configuration hadoop) {
        return attempt(() -> {
            Path file = new Path(URI.create(uri));
            return file.getFileSystem(hadoop).getFileStatus(file);
        });
    }
}
