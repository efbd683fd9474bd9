package org.bybert.job.evaluate;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.bybert.job.SmallFile;
import org.bybert.job.UserError;

/**
 * The folder given by {@code --out}. {@code metrics.json} is written last and renamed into place: where it is missing,
 * the run did not finish.
 */
final class ResultFolder {

    private static final String PREDICTIONS = "predictions";
    private static final String METRICS = "metrics.json";

    private final FileSystem fileSystem;
    private final Path folder;

    private ResultFolder(FileSystem fileSystem, Path folder) {
        this.fileSystem = fileSystem;
        this.folder = folder;
    }

    /**
     * Makes the folder before anything is computed.
     *
     * @throws UserError where it exists and must not be overwritten, or cannot be made
     */
    static ResultFolder prepare(String out, boolean overwrite, Configuration hadoop) {
        Path folder = new Path(out);
        try {
            FileSystem fileSystem = folder.getFileSystem(hadoop);
            if (fileSystem.exists(folder)) {
                if (!overwrite) {
                    boolean finished = fileSystem.exists(new Path(folder, METRICS));
                    throw new UserError("--out: " + out + " exists"
                            + (finished ? "" : " and holds no " + METRICS + " (an unfinished run, or something else)")
                            + "; name another folder, or replace results in it with --overwrite");
                }
                // Only what this job writes: the folder may hold something else.
                fileSystem.delete(new Path(folder, METRICS), false);
                fileSystem.delete(new Path(folder, PREDICTIONS), true);
            }
            if (!fileSystem.mkdirs(folder)) {
                throw new UserError("--out: " + out + " cannot be made");
            }
            return new ResultFolder(fileSystem, folder);
        } catch (IOException | IllegalArgumentException e) {
            throw new UserError("--out: " + out + " cannot be written: " + e.getMessage(), e);
        }
    }

    String predictions() {
        return new Path(folder, PREDICTIONS).toString();
    }

    void writeMetrics(byte[] json) {
        SmallFile.write(fileSystem, new Path(folder, METRICS), json);
    }
}
