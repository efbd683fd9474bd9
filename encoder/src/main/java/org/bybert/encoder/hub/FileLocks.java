package org.bybert.encoder.hub;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Locks on files that hold between the threads and between the processes of a machine. The lock file stays: removing it
 * would let two processes lock two files of one name.
 */
public final class FileLocks {

    private static final Logger LOG = LoggerFactory.getLogger(FileLocks.class);
    private static final long POLL_MILLIS = 100;
    /** A lock of the operating system belongs to the whole JVM, so its threads need one of their own. */
    private static final ConcurrentHashMap<Path, ReentrantLock> THREADS = new ConcurrentHashMap<>();

    private FileLocks() {}

    /** What is done under a lock. */
    public interface Work {
        void run() throws IOException;
    }

    /** Waits for the lock; makes its file and folder where they are missing. */
    public static void holding(Path file, Work work) throws IOException {
        Files.createDirectories(file.getParent());
        ReentrantLock threads = THREADS.computeIfAbsent(file.toAbsolutePath().normalize(), f -> new ReentrantLock());
        threads.lock();
        // Closing the channel gives the lock back.
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            if (!tryLock(channel)) {
                LOG.info(
                        "{}: waiting for another process, or another copy of this program in this JVM, to free this lock",
                        file);
                do {
                    Retry.sleep(POLL_MILLIS, "the lock " + file);
                } while (!tryLock(channel));
            }
            work.run();
        } finally {
            threads.unlock();
        }
    }

    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            // Another class loader's copy of this class, as each session of Spark Connect has one, knows other threads.
            return false;
        }
    }
}
