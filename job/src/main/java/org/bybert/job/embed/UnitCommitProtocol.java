package org.bybert.job.embed;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.mapreduce.JobContext;
import org.apache.hadoop.mapreduce.TaskAttemptContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.internal.io.FileCommitProtocol;
import org.apache.spark.internal.io.FileNameSpec;
import org.bybert.encoder.kernel.KernelChoice;
import org.bybert.job.embed.UnitMarker.UnitFile;
import scala.Option;
import scala.collection.immutable.Seq;

/**
 * Spark's interface for those who decide when written files count. Each task writes into a folder of its own; the
 * driver hears of it as soon as the task has ended well, once per unit however often tasks were tried, and hands the
 * unit to the {@link UnitCommits} of the run, which know what the unit's rows came to.
 */
public final class UnitCommitProtocol extends FileCommitProtocol implements Serializable {

    private static final String PART = "part";

    /**
     * What a task hands to the driver when it has written.
     *
     * @param unit   the number of the task's partition
     * @param folder of the task's files
     * @param files  paths in it
     */
    record Written(int unit, String folder, List<UnitFile> files, String executor, String host, String kernels)
            implements Serializable {
    }

    private final String root;
    private transient Path folder;
    private transient List<Path> files;

    /** Called by Spark. */
    public UnitCommitProtocol(String job, String path) {
        this.root = path;
    }

    @Override
    public void setupJob(JobContext context) {
        // The run has made the folders.
    }

    @Override
    public void commitJob(JobContext context, Seq<TaskCommitMessage> messages) {
        UnitCommits.of(root).await();
    }

    @Override
    public void abortJob(JobContext context) {
        // What is committed stays; the run removes the rest.
    }

    @Override
    public void setupTask(TaskAttemptContext context) {
        folder = new Path(root, context.getTaskAttemptID().toString());
        files = new ArrayList<>();
    }

    @Override
    public String newTaskTempFile(TaskAttemptContext context, Option<String> partition, FileNameSpec name) {
        Path parent = partition.isEmpty() ? folder : new Path(folder, partition.get());
        Path file = new Path(parent, name.prefix() + PART + name.suffix());
        files.add(file);
        return file.toString();
    }

    /** Abstract in Spark 4.0, which does not call it. */
    @Override
    @SuppressWarnings("deprecation")
    public String newTaskTempFile(TaskAttemptContext context, Option<String> partition, String suffix) {
        return newTaskTempFile(context, partition, new FileNameSpec("", suffix));
    }

    @Override
    public String newTaskTempFileAbsPath(TaskAttemptContext context, String folder, FileNameSpec name) {
        return newTaskTempFileAbsPath(context, folder, name.suffix());
    }

    @Override
    @SuppressWarnings("deprecation")
    public String newTaskTempFileAbsPath(TaskAttemptContext context, String folder, String suffix) {
        throw new UnsupportedOperationException("partitions at places of their own are not written");
    }

    @Override
    public TaskCommitMessage commitTask(TaskAttemptContext context) {
        try {
            FileSystem fileSystem = folder.getFileSystem(context.getConfiguration());
            List<UnitFile> written = new ArrayList<>();
            for (Path file : files) {
                String path = folder.toUri().relativize(file.toUri()).getPath();
                written.add(new UnitFile(path, fileSystem.getFileStatus(file).getLen()));
            }
            SparkEnv env = SparkEnv.get();
            return new TaskCommitMessage(new Written(context.getTaskAttemptID().getTaskID().getId(),
                    folder.toString(), written, env.executorId(), env.blockManager().blockManagerId().host(),
                    KernelChoice.kernels().name()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void abortTask(TaskAttemptContext context) {
        try {
            folder.getFileSystem(context.getConfiguration()).delete(folder, true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void onTaskCommit(TaskCommitMessage message) {
        UnitCommits.of(root).submit((Written) message.obj());
    }
}
