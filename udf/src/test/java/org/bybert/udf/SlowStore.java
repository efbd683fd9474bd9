package org.bybert.udf;

import java.io.IOException;
import java.net.URI;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.spark.TaskContext;

/** This machine's files as those of a store that can be slow or broken, for tasks alone: {@code slow:///PATH}. */
public final class SlowStore extends RawLocalFileSystem {

    /** What happens before a task gets an answer. */
    interface Trouble {
        void run() throws IOException;
    }

    static final Trouble NONE = () -> {};
    static volatile Trouble trouble = NONE;

    @Override
    public URI getUri() {
        return URI.create("slow:///");
    }

    @Override
    public FileStatus[] listStatus(Path path) throws IOException {
        if (TaskContext.get() != null) {
            trouble.run();
        }
        return super.listStatus(path);
    }
}
