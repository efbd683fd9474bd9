package org.bybert.udf.source;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.bybert.encoder.error.Host;
import org.bybert.encoder.error.ModelException;

/**
 * A folder that is at the same path everywhere. It is used in place, not copied.
 *
 * @param driver the host that the name was given on
 */
record FolderSource(String path, String driver) implements ModelSource {

    @Override
    public Path folder() {
        try {
            Path folder = Path.of(path);
            if (Files.isDirectory(folder)) {
                return folder;
            }
        } catch (InvalidPathException e) {
            throw new ModelException(path + ": not a path: " + e.getReason(), e);
        }
        String host = Host.name();
        throw new ModelException(path + ": model folder not found on host " + host + (host.equals(driver)
                ? "; a model is a folder, an id of the hub (ORG/NAME or ORG/NAME@REVISION) or a path with a scheme "
                        + "(hdfs://, s3a://, file:)"
                : ", but on the driver's, " + driver + "; put it at this path on every host, or name an id of the hub, "
                        + "a folder of a shared file system (hdfs://, s3a://), or NAME with --archives FILE.zip#NAME"));
    }

    @Override
    public String toString() {
        return path;
    }
}
