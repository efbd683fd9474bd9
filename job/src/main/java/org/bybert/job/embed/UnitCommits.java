package org.bybert.job.embed;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.hadoop.fs.Path;
import org.bybert.job.embed.UnitCommitProtocol.Written;

/**
 * Commits the units of a run one after the other, on a thread of its own: Spark reports them on its scheduler's thread,
 * which must not wait for a file system.
 *
 * <p>Here the run and Spark's writer meet. Spark makes the {@link UnitCommitProtocol} from the name of its class and
 * tells it no more than the folder to write to, so the commits of a run are found by that folder while they are open.
 */
final class UnitCommits implements AutoCloseable {

    private static final ConcurrentHashMap<String, UnitCommits> BY_FOLDER = new ConcurrentHashMap<>();

    private final String folder;
    private final Consumer<Written> commit;
    private final Runnable onFailure;
    private final ExecutorService thread;
    private volatile RuntimeException failure;

    /**
     * @param folder    that Spark writes to
     * @param commit    puts a unit in place
     * @param onFailure is to end the job: its units could not be committed
     */
    UnitCommits(Path folder, Consumer<Written> commit, Runnable onFailure) {
        this.folder = folder.toString();
        this.commit = commit;
        this.onFailure = onFailure;
        this.thread = Executors.newSingleThreadExecutor(run -> {
            Thread created = new Thread(run, "bybert commits");
            created.setDaemon(true);
            return created;
        });
        BY_FOLDER.put(this.folder, this);
    }

    static UnitCommits of(String folder) {
        UnitCommits commits = BY_FOLDER.get(new Path(folder).toString());
        if (commits == null) {
            throw new IllegalStateException("nobody commits what is written to " + folder);
        }
        return commits;
    }

    void submit(Written unit) {
        thread.execute(() -> {
            if (failure != null) {
                return;
            }
            try {
                commit.accept(unit);
            } catch (RuntimeException | Error e) {
                failure = e instanceof RuntimeException runtime ? runtime : new IllegalStateException(e);
                onFailure.run();
            }
        });
    }

    /**
     * Returns when all units that were submitted are committed.
     *
     * @throws RuntimeException what went wrong with the first that could not be
     */
    void await() {
        Future<?> last = thread.submit(() -> { });
        try {
            last.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while units were committed", e);
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** Null where every unit so far could be committed. */
    RuntimeException failure() {
        return failure;
    }

    /** Commits what has been submitted first. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            thread.awaitTermination(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        BY_FOLDER.remove(folder);
    }
}
