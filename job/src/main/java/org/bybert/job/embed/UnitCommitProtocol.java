package org.bybert.job.embed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.mapreduce.JobContext;
import org.apache.hadoop.mapreduce.TaskAttemptContext;
import org.apache.hadoop.util.functional.ConsumerRaisingIOE;
import org.apache.spark.SparkEnv;
import org.apache.spark.internal.io.FileNameSpec;
import org.apache.spark.internal.io.HadoopMapReduceCommitProtocol;
import org.apache.spark.util.ThreadUtils;
import org.bybert.encoder.kernel.KernelChoice;
import org.bybert.job.embed.UnitMarker.UnitFile;
import org.bybert.job.terminal.SmallFile;
import scala.Option;
import scala.collection.immutable.Seq;

/**
 * Spark's interface for those who decide when written files count. Each task writes into a folder of its own; the
 * driver hears of it as soon as the task has ended well, once per unit however often tasks were tried, and hands the
 * unit to the {@link UnitCommits} of the run, which know what the unit's rows came to.
 */
public final class UnitCommitProtocol extends HadoopMapReduceCommitProtocol {

    /**
     * What a task hands to the driver when it has written: as JSON, since Spark sends it by spark.serializer, and Kryo
     * makes no records.
     *
     * @param unit   the number of the task's partition
     * @param folder of the task's files
     * @param files  paths in it
     */
    record Written(int unit, String folder, List<UnitFile> files, String executor, String host, String kernels) {}

    private final String root;
    private transient Path folder;
    private transient List<Path> files;

    /** Called by Spark. */
    public UnitCommitProtocol(String job, String path) {
        super(job, path, false);
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
        Path file = new Path(parent, name.prefix() + "part" + withLatinDigits(name.suffix()));
        files.add(file);
        return file.toString();
    }

    /** Spark writes the number of the file with the digits of the locale. */
    private static String withLatinDigits(String name) {
        return name.codePoints()
                .map(c -> Character.isDigit(c) ? '0' + Character.digit(c, 10) : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
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
            return new TaskCommitMessage(SmallFile.MAPPER.writeValueAsString(new Written(
                    context.getTaskAttemptID().getTaskID().getId(),
                    folder.toString(),
                    written,
                    env.executorId(),
                    env.blockManager().blockManagerId().host(),
                    KernelChoice.kernels().name())));
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
        try {
            UnitCommits.of(root).submit(SmallFile.MAPPER.readValue((String) message.obj(), Written.class));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Commits the units of a run, several at a time, on threads of its own: Spark reports them on its scheduler's
     * thread, which must not wait for a file system.
     *
     * <p>Here the run and Spark's writer meet. Spark makes the {@link UnitCommitProtocol} from the name of its class
     * and tells it no more than the folder to write to, so the commits of a run are found by that folder while they are
     * open.
     */
    static final class UnitCommits implements AutoCloseable {

        private static final ConcurrentHashMap<String, UnitCommits> BY_FOLDER = new ConcurrentHashMap<>();

        private final String folder;
        private final ConsumerRaisingIOE<Written> commit;
        private final Runnable onFailure;
        private final ExecutorService threads =
                ThreadUtils.newDaemonFixedThreadPool(OutputFolder.AT_ONCE, "bybert commits");
        /** Fails when a commit has; those that have not begun by then are not tried. */
        private CompletableFuture<Void> all = CompletableFuture.completedFuture(null);

        private volatile boolean failed;

        /**
         * @param folder    that Spark writes to
         * @param commit    puts a unit in place
         * @param onFailure is to end the job: its units could not be committed
         */
        UnitCommits(Path folder, ConsumerRaisingIOE<Written> commit, Runnable onFailure) {
            this.folder = folder.toString();
            this.commit = commit;
            this.onFailure = onFailure;
            BY_FOLDER.put(this.folder, this);
        }

        static UnitCommits of(String folder) {
            UnitCommits commits = BY_FOLDER.get(new Path(folder).toString());
            if (commits == null) {
                throw new IllegalStateException("nobody commits what is written to " + folder);
            }
            return commits;
        }

        synchronized void submit(Written unit) {
            CompletableFuture<Void> one = CompletableFuture.runAsync(
                    () -> {
                        try {
                            if (!failed) {
                                commit.accept(unit);
                            }
                        } catch (Exception | Error e) {
                            failed = true;
                            onFailure.run();
                            throw new CompletionException(e);
                        }
                    },
                    threads);
            all = all.thenCombine(one, (before, now) -> null);
        }

        /**
         * Returns when all units that were submitted are committed.
         *
         * @throws CompletionException with what went wrong with one that could not be
         */
        synchronized void await() {
            all.join();
        }

        /** Commits what has been submitted first. */
        @Override
        public void close() {
            threads.shutdown();
            try {
                threads.awaitTermination(1, TimeUnit.MINUTES);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            BY_FOLDER.remove(folder);
        }
    }
}
