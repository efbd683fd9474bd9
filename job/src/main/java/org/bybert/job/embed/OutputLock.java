package org.bybert.job.embed;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.bybert.job.UserError;

/**
 * A file that keeps two jobs from writing to one output. Its owner writes it anew every {@value #BEAT_SECONDS}
 * seconds; one that does not change for {@value #STALE_SECONDS} seconds was left behind by a job that died, and is taken
 * over. No clocks are compared: a job that finds a lock watches it.
 */
final class OutputLock implements AutoCloseable {

    static final int BEAT_SECONDS = 5;
    static final int STALE_SECONDS = 30;

    private final FileSystem fileSystem;
    private final Path file;
    private final String owner;
    private final String token = UUID.randomUUID().toString();
    private final ScheduledExecutorService beat = Executors.newSingleThreadScheduledExecutor(run -> {
        Thread created = new Thread(run, "bybert lock");
        created.setDaemon(true);
        return created;
    });
    private long beats;
    private volatile String lost;

    private OutputLock(FileSystem fileSystem, Path file, String owner) {
        this.fileSystem = fileSystem;
        this.file = file;
        this.owner = owner;
    }

    /**
     * @param owner    who locks, for the message of those who come later
     * @param override take the lock whoever has it
     * @throws UserError with {@link ExitCode#LOCKED} where another job holds the lock
     */
    static OutputLock acquire(FileSystem fileSystem, Path file, String owner, boolean override) {
        OutputLock lock = new OutputLock(fileSystem, file, owner);
        try {
            if (!override) {
                lock.waitUntilStale();
            }
            lock.take();
        } catch (IOException | FSError e) {
            throw new UserError(file + ": the output cannot be locked: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UserError(file + ": interrupted while the output was being locked", e);
        }
        lock.beat.scheduleWithFixedDelay(lock::beat, BEAT_SECONDS, BEAT_SECONDS, TimeUnit.SECONDS);
        return lock;
    }

    private void waitUntilStale() throws IOException, InterruptedException {
        String seen = read();
        if (seen == null) {
            return;
        }
        System.err.println("bybert: " + file + " is locked by " + describe(seen)
                + "; watching for up to " + STALE_SECONDS + " seconds whether it lives");
        for (int second = 0; second < STALE_SECONDS; second++) {
            TimeUnit.SECONDS.sleep(1);
            String now = read();
            if (now == null) {
                return;
            }
            if (!now.equals(seen)) {
                throw refusal(now);
            }
        }
        System.err.println("bybert: the lock has not changed: its job has ended without removing it");
    }

    private UserError refusal(String content) {
        return new UserError(ExitCode.LOCKED, "--output: another job is writing to " + file.getParent().getParent()
                + ": " + describe(content) + "; wait for it, or stop it (--break-lock ignores it)");
    }

    /** The last of two that take a lock at once has it: both look again after a moment. */
    private void take() throws IOException, InterruptedException {
        write();
        TimeUnit.MILLISECONDS.sleep(300);
        String content = read();
        if (!isMine(content)) {
            throw refusal(String.valueOf(content));
        }
    }

    private void beat() {
        try {
            String content = read();
            // An empty file is one that is being written.
            if (content == null || !content.isEmpty() && !isMine(content)) {
                lost = content == null ? "removed" : "taken by " + describe(content);
                beat.shutdown();
                return;
            }
            write();
        } catch (IOException | FSError e) {
            // Tried again at the next beat; a file system that is gone fails the commits too.
        }
    }

    /** @throws UserError where another job has taken the lock in the meantime */
    void check() {
        if (lost != null) {
            throw new UserError(ExitCode.LOCKED, "--output: the lock " + file + " was " + lost
                    + " while this job was running; it stops, so that two do not write at once");
        }
    }

    private void write() throws IOException {
        try (OutputStream stream = fileSystem.create(file, true)) {
            stream.write((token + "\t" + owner + "\t" + ++beats + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Null where there is no lock. */
    private String read() throws IOException {
        if (!fileSystem.exists(file)) {
            return null;
        }
        try (InputStream stream = fileSystem.open(file)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private boolean isMine(String content) {
        return content != null && content.startsWith(token);
    }

    private static String describe(String content) {
        String[] parts = content.split("\t");
        return parts.length < 2 ? "an unnamed job" : parts[1];
    }

    @Override
    public void close() {
        beat.shutdownNow();
        try {
            beat.awaitTermination(BEAT_SECONDS, TimeUnit.SECONDS);
            if (isMine(read())) {
                fileSystem.delete(file, false);
            }
        } catch (IOException e) {
            // Left behind, it counts as stale after a while.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
