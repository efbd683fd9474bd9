package org.bybert.job.embed;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.ChecksumFileSystem;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.spark.util.ThreadUtils;
import org.bybert.job.terminal.Terminal;
import org.bybert.job.terminal.UserError;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that keeps two jobs from writing to one output. Its owner writes it anew every {@value #BEAT_SECONDS}
 * seconds; one that does not change for {@value #STALE_SECONDS} seconds was left behind by a job that died, and is
 * taken over. No clocks are compared: a job that finds a lock watches it.
 *
 * <p>On {@code hdfs}, {@code abfs} and {@code file} (as far as what is mounted there keeps {@code O_EXCL}) a lock is
 * taken by creating a file that must not exist, in one step: of jobs that start at once one has it. On all others
 * ({@code s3a}, {@code gs}, ...) it is best effort: each job writes the file, and the last one to have written has it
 * after a moment. Where one is held up between looking and writing both go on, until the beat of the one that was
 * replaced finds the other's lock.
 */
final class OutputLock implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OutputLock.class);

    static final int BEAT_SECONDS = 5;
    static final int STALE_SECONDS = 30;
    private static final Set<String> ATOMIC = Set.of("file", "hdfs", "abfs", "abfss");
    private static final int MOMENT_MILLIS = 300;

    /** Whether a file is created, and a file or folder renamed, in one step. */
    static boolean isAtomic(FileSystem fileSystem) {
        return ATOMIC.contains(fileSystem.getUri().getScheme());
    }

    private final FileSystem fileSystem;
    private final Path file;
    private final String owner;
    private final Terminal terminal;
    private final long staleMillis;
    private final String token = UUID.randomUUID().toString();
    private final ScheduledExecutorService beat = ThreadUtils.newDaemonSingleThreadScheduledExecutor("bybert lock");
    private long beats;
    private volatile String lost;

    private OutputLock(FileSystem fileSystem, Path file, String owner, Terminal terminal, long staleMillis) {
        // A checksum beside the file would be of another moment than what is read.
        this.fileSystem = fileSystem instanceof ChecksumFileSystem checked ? checked.getRawFileSystem() : fileSystem;
        this.file = file;
        this.owner = owner;
        this.terminal = terminal;
        this.staleMillis = staleMillis;
    }

    /**
     * @param owner    who locks, for the message of those who come later
     * @param override take the lock whoever has it
     * @throws UserError with {@link EmbedCommand#LOCKED} where another job holds the lock
     */
    static OutputLock acquire(FileSystem fileSystem, Path file, String owner, boolean override, Terminal terminal) {
        return acquire(
                fileSystem,
                file,
                owner,
                override,
                terminal,
                TimeUnit.SECONDS.toMillis(BEAT_SECONDS),
                TimeUnit.SECONDS.toMillis(STALE_SECONDS));
    }

    static OutputLock acquire(
            FileSystem fileSystem,
            Path file,
            String owner,
            boolean override,
            Terminal terminal,
            long beatMillis,
            long staleMillis) {
        OutputLock lock = new OutputLock(fileSystem, file, owner, terminal, staleMillis);
        try {
            if (override) {
                lock.writeLast(3);
            } else {
                lock.take();
            }
        } catch (IOException | FSError e) {
            throw new UserError(file + ": the output cannot be locked: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UserError(file + ": interrupted while the output was being locked", e);
        }
        Future<?> unused = lock.beat.scheduleWithFixedDelay(lock::beat, beatMillis, beatMillis, TimeUnit.MILLISECONDS);
        return lock;
    }

    private void take() throws IOException, InterruptedException {
        String seen = read(file);
        if (seen != null) {
            terminal.remark(file + " is locked by " + describe(seen) + "; watching for up to "
                    + TimeUnit.MILLISECONDS.toSeconds(staleMillis) + " seconds whether it lives");
            String now = watch(file, seen);
            if (now != null && isAnother(now, seen)) {
                throw refusal(now);
            }
            if (now != null) {
                terminal.remark("the lock has not changed: its job has ended without removing it");
            }
            seen = now;
        }
        if (!isAtomic(fileSystem)) {
            LOG.warn(
                    "the lock {} is best effort: of jobs that start at once two may go on, as this store does not "
                            + "promise to create a file in one step; start one at a time",
                    file);
            writeLast(1);
        } else if (seen != null) {
            takeOver(seen);
        } else if (!create(file)) {
            throw refusal(read(file));
        }
    }

    /** What the file holds when it has changed, or has not for so long that nobody keeps it; null where it is gone. */
    private String watch(Path path, String seen) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(staleMillis);
        String now = seen;
        while (now != null && !isAnother(now, seen) && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(Math.min(1000, staleMillis / 10));
            String next = read(path);
            // Empty while its owner writes: taken for the end of the old content, two could find the same nothing.
            now = next != null && next.isEmpty() ? now : next;
        }
        return now;
    }

    /** An empty file is one that is being written. */
    private static boolean isAnother(String now, String seen) {
        return !now.isEmpty() && !now.equals(seen);
    }

    /** Of those that found the same lock left behind, one at a time may look again and replace it. */
    private void takeOver(String left) throws IOException, InterruptedException {
        Path claim = new Path(file.getParent(), file.getName() + ".claim");
        String claimed = read(claim);
        if (claimed != null && claimed.equals(watch(claim, claimed))) {
            // Its job died within the few lines below.
            fileSystem.delete(claim, false);
        }
        if (!create(claim)) {
            throw refusal(read(claim));
        }
        try {
            String now = read(file);
            if (now == null ? !create(file) : !now.equals(left)) {
                throw refusal(now);
            }
            write();
        } finally {
            fileSystem.delete(claim, false);
        }
    }

    /** The last of two that take a lock at once has it: both look again after a moment. */
    private void writeLast(int attempts) throws IOException, InterruptedException {
        String content = null;
        for (int i = 0; i < attempts && !isMine(content); i++) {
            write();
            TimeUnit.MILLISECONDS.sleep(MOMENT_MILLIS);
            content = read(file);
        }
        if (!isMine(content)) {
            throw refusal(content);
        }
    }

    private UserError refusal(String content) {
        return new UserError(
                EmbedCommand.LOCKED,
                "--output: another job is writing to " + file.getParent().getParent() + ": " + describe(content)
                        + "; wait for it, or stop it (--break-lock ignores it)");
    }

    private void beat() {
        try {
            String content = read(file);
            if (content == null || !isMine(content) && !content.isEmpty()) {
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
            throw new UserError(
                    EmbedCommand.LOCKED,
                    "--output: the lock " + file + " was " + lost
                            + " while this job was running; it stops, so that two do not write at once");
        }
    }

    private byte[] line() {
        return (token + "\t" + owner + "\t" + ++beats + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private void write() throws IOException {
        try (OutputStream stream = fileSystem.create(file, true)) {
            stream.write(line());
        }
    }

    /** Writes a file that must not exist; false where it does. In one step on the file systems of {@link #ATOMIC}. */
    private boolean create(Path path) throws IOException {
        OutputStream stream;
        try {
            // Hadoop's own looks for a local file first and creates it then.
            stream = fileSystem instanceof RawLocalFileSystem local
                    ? Files.newOutputStream(local.pathToFile(path).toPath(), StandardOpenOption.CREATE_NEW)
                    : fileSystem.create(path, false);
        } catch (FileAlreadyExistsException e) {
            return false;
        } catch (IOException e) {
            if (fileSystem.exists(path)) {
                return false;
            }
            throw e;
        }
        try (stream) {
            stream.write(line());
        }
        return true;
    }

    /** Null where there is no such file. */
    private String read(Path path) throws IOException {
        try (InputStream stream = fileSystem.open(path)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (FileNotFoundException e) {
            return null;
        }
    }

    private boolean isMine(String content) {
        return content != null && content.startsWith(token);
    }

    private static String describe(String content) {
        String[] parts = String.valueOf(content).split("\t", -1);
        return parts.length < 2 ? "an unnamed job" : parts[1];
    }

    @Override
    public void close() {
        lost = "released";
        // Not interrupted: a beat that is writing would leave an empty file, which is nobody's.
        beat.shutdown();
        try {
            beat.awaitTermination(BEAT_SECONDS, TimeUnit.SECONDS);
            if (isMine(read(file))) {
                fileSystem.delete(file, false);
            }
        } catch (IOException e) {
            // Left behind, it counts as stale after a while.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
