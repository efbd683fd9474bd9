package org.bybert.encoder.hub;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
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
    /** A lock of the operating system belongs to the whole JVM, so its threads need one of their own. */
    private static final ConcurrentHashMap<Path, ReentrantLock> THREADS = new ConcurrentHashMap<>();

    private FileLocks() {
    }

    /** A lock that is held until it is closed. */
    public interface Held extends Closeable {
    }

    /** Waits for the lock; makes the file and its folder where they are missing. */
    public static Held acquire(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        ReentrantLock threads = THREADS.computeIfAbsent(file.toAbsolutePath().normalize(), f -> new ReentrantLock());
        threads.lock();
        FileChannel channel = null;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            if (lock == null) {
                LOG.info("waiting for another process that holds {}", file);
                channel.lock();
            }
        } catch (IOException | RuntimeException e) {
            if (channel != null) {
                channel.close();
            }
            threads.unlock();
            throw e;
        }
        FileChannel held = channel;
        return () -> {
            try {
                held.close();
            } finally {
                threads.unlock();
            }
        };
    }
}
