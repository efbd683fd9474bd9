package org.bybert.job.embed;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.bybert.job.terminal.Terminal;
import org.bybert.job.terminal.UserError;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputLockTest {

    private static final Terminal SILENT =
            new Terminal(new PrintWriter(Writer.nullWriter()), new PrintWriter(Writer.nullWriter()));
    private static final int BEAT_MILLIS = 50;
    private static final int STALE_MILLIS = 1500;

    @TempDir
    java.nio.file.Path folder;

    private java.nio.file.Path lock;

    @BeforeEach
    void makeFolder() throws IOException {
        lock = Files.createDirectory(folder.resolve("_bybert")).resolve("lock");
    }

    private OutputLock acquire(FileSystem fileSystem, String owner, boolean override) {
        return OutputLock.acquire(
                fileSystem, new Path(lock.toUri()), owner, override, SILENT, BEAT_MILLIS, STALE_MILLIS);
    }

    private static FileSystem local() throws IOException {
        return FileSystem.getLocal(new Configuration());
    }

    private static <F extends FileSystem> F open(F fileSystem) throws IOException {
        fileSystem.initialize(URI.create("file:///"), new Configuration());
        return fileSystem;
    }

    /** The locks that so many jobs get which begin at once; the others are refused. */
    private List<OutputLock> race(int jobs) throws Exception {
        FileSystem local = local();
        CyclicBarrier start = new CyclicBarrier(jobs);
        ExecutorService threads = Executors.newFixedThreadPool(jobs);
        List<Future<OutputLock>> results = new ArrayList<>();
        for (int i = 0; i < jobs; i++) {
            Callable<OutputLock> job = () -> {
                start.await();
                return acquire(local, "one of many", false);
            };
            results.add(threads.submit(job));
        }
        List<OutputLock> locks = new ArrayList<>();
        for (Future<OutputLock> result : results) {
            try {
                locks.add(result.get(1, TimeUnit.MINUTES));
            } catch (ExecutionException e) {
                assertEquals(EmbedCommand.LOCKED, ((UserError) e.getCause()).exit());
            }
        }
        threads.shutdown();
        return locks;
    }

    @Test
    void ofManyThreadsOneHasTheLock() throws Exception {
        for (int round = 0; round < 5; round++) {
            List<OutputLock> locks = race(16);
            assertEquals(1, locks.size());
            locks.get(0).check();
            locks.get(0).close();
            assertFalse(Files.exists(lock));
        }
    }

    @Test
    void ofManyThatFindALockLeftBehindOneTakesIt() throws Exception {
        for (int round = 0; round < 3; round++) {
            Files.writeString(lock, "token\ta job that died\t7\n");
            List<OutputLock> locks = race(8);
            assertEquals(1, locks.size());
            locks.get(0).check();
            locks.get(0).close();
            assertFalse(Files.exists(lock.resolveSibling("lock.claim")));
        }
    }

    /** Looks for the lock, and is held up before it goes on. */
    private static final class HeldUp extends RawLocalFileSystem {

        private final CountDownLatch looked = new CountDownLatch(1);
        private final CountDownLatch goOn = new CountDownLatch(1);

        @Override
        public FSDataInputStream open(Path path, int bufferSize) throws IOException {
            try {
                return super.open(path, bufferSize);
            } catch (FileNotFoundException notThere) {
                looked.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                throw notThere;
            }
        }
    }

    @Test
    void aJobThatIsHeldUpBetweenLookingAndTakingIsRefused() throws Exception {
        HeldUp heldUp = open(new HeldUp());
        ExecutorService thread = Executors.newSingleThreadExecutor();
        Future<OutputLock> late = thread.submit(() -> acquire(heldUp, "the late one", false));
        assertTrue(heldUp.looked.await(1, TimeUnit.MINUTES));
        try (OutputLock first = acquire(local(), "the first one", false)) {
            heldUp.goOn.countDown();
            ExecutionException refused = assertThrows(ExecutionException.class, () -> late.get(1, TimeUnit.MINUTES));
            assertTrue(
                    refused.getCause().getMessage().contains("the first one"),
                    refused.getCause().getMessage());
            TimeUnit.MILLISECONDS.sleep(4 * BEAT_MILLIS);
            first.check();
        }
        thread.shutdown();
    }

    @Test
    void ofManyProcessesOneHasTheLock() throws Exception {
        List<Process> processes = new ArrayList<>();
        List<BufferedReader> outputs = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Process process = new ProcessBuilder(
                            System.getProperty("java.home") + "/bin/java",
                            "-cp",
                            System.getProperty("java.class.path"),
                            OutputLockTest.class.getName(),
                            lock.toString())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            processes.add(process);
            outputs.add(new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)));
        }
        for (BufferedReader output : outputs) {
            assertEquals("ready", output.readLine());
        }
        for (Process process : processes) {
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
        }
        int in = 0;
        for (BufferedReader output : outputs) {
            in += output.readLine().equals("in") ? 1 : 0;
        }
        assertEquals(1, in);
        for (Process process : processes) {
            process.getOutputStream().close();
            assertTrue(process.waitFor(1, TimeUnit.MINUTES));
        }
        assertFalse(Files.exists(lock));
    }

    /** A job that has the lock until its standard input ends. */
    public static void main(String[] arguments) throws IOException {
        FileSystem local = local();
        System.out.println("ready");
        System.in.read();
        try (OutputLock lock = OutputLock.acquire(
                local, new Path(arguments[0]), "a process", false, SILENT, BEAT_MILLIS, 10 * STALE_MILLIS)) {
            System.out.println("in");
            System.in.read();
            lock.check();
        } catch (UserError e) {
            System.out.println(e.exit());
        }
    }

    @Test
    void aLockThatLivesIsRespectedAndOneThatDiedIsNot() throws Exception {
        try (OutputLock first = acquire(local(), "the owner", false)) {
            UserError refused = assertThrows(UserError.class, () -> acquire(local(), "another", false));
            assertEquals(EmbedCommand.LOCKED, refused.exit());
            assertTrue(
                    refused.getMessage().contains("the owner")
                            && refused.getMessage().contains("--break-lock"),
                    refused.getMessage());
            first.check();
        }
        for (String left : List.of("token\ta job that died\t7\n", "")) {
            Files.writeString(lock, left);
            Files.writeString(lock.resolveSibling("lock.claim"), "token\tdied while it took over\t1\n");
            acquire(local(), "the next", false).close();
            assertFalse(Files.exists(lock) || Files.exists(lock.resolveSibling("lock.claim")));
        }
    }

    @Test
    void whoseLockIsTakenStops() throws Exception {
        try (OutputLock first = acquire(local(), "the owner", false);
                OutputLock second = acquire(local(), "the breaker", true)) {
            UserError lost = null;
            for (int i = 0; i < 200 && lost == null; i++) {
                TimeUnit.MILLISECONDS.sleep(BEAT_MILLIS);
                try {
                    first.check();
                } catch (UserError e) {
                    lost = e;
                }
            }
            assertTrue(lost != null && lost.getMessage().contains("taken by the breaker"), String.valueOf(lost));
            assertDoesNotThrow(second::check);
        }
    }

    /** A store that only promises to create objects, with the files of this machine. */
    private static final class Store extends RawLocalFileSystem {
        @Override
        public URI getUri() {
            return URI.create("s3a://bucket");
        }

        @Override
        protected void checkPath(Path path) {
            // Paths are those of this machine.
        }
    }

    @Test
    void whereCreationIsNotAtomicTheLastWriterHasIt() throws Exception {
        Store store = open(new Store());
        try (OutputLock first = acquire(store, "the owner", false)) {
            assertThrows(UserError.class, () -> acquire(store, "another", false));
            first.check();
        }
        assertFalse(Files.exists(lock));
    }
}
