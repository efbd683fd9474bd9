package org.bybert.job.embed;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.hadoop.fs.Path;

/**
 * Commits the units of a run one after the other, on a thread of its own: Spark reports them on its scheduler's thread,
 * which must not wait for a file system.
 */
final class UnitCommits implements AutoCloseable {

    private static final ConcurrentHashMap<String, UnitCommits> OPEN = new ConcurrentHashMap<>();

    private final String root;
    private final Consumer<WrittenUnit> commit;
    private final Runnable onFailure;
    private final ExecutorService thread;
    private volatile RuntimeException failure;

    /**
     * @param root      folder that Spark writes to
     * @param commit    puts a unit in place
     * @param onFailure is to end the job: its units could not be committed
     */
    UnitCommits(Path root, Consumer<WrittenUnit> commit, Runnable onFailure) {
        this.root = root.toString();
        this.commit = commit;
        this.onFailure = onFailure;
        this.thread = Executors.newSingleThreadExecutor(run -> {
            Thread created = new Thread(run, "bybert commits");
            created.setDaemon(true);
            return created;
        });
        OPEN.put(this.root, this);
    }

    static UnitCommits of(String root) {
        UnitCommits commits = OPEN.get(new Path(root).toString());
        if (commits == null) {
            throw new IllegalStateException("nobody commits what is written to " + root);
        }
        return commits;
    }

    void submit(WrittenUnit unit) {
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
        OPEN.remove(root);
    }
}
