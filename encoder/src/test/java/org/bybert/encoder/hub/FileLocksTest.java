package org.bybert.encoder.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileLocksTest {

    @TempDir
    Path folder;

    private final List<String> order = new CopyOnWriteArrayList<>();

    /** As the sessions of Spark Connect load the program, each with a class loader of its own. */
    private static Class<?> anotherCopy() throws Exception {
        List<URL> path = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            path.add(Path.of(entry).toUri().toURL());
        }
        return new URLClassLoader(path.toArray(new URL[0]), ClassLoader.getPlatformClassLoader())
                .loadClass(FileLocks.class.getName());
    }

    private void hold(Class<?> locks, Runnable work) throws Exception {
        Class<?> type = Class.forName(FileLocks.Work.class.getName(), true, locks.getClassLoader());
        Object proxy = Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, args) -> {
            work.run();
            return null;
        });
        locks.getMethod("holding", Path.class, type).invoke(null, folder.resolve("lock"), proxy);
    }

    @Test
    void copiesOfTheProgramInOneJvmWaitForEachOther() throws Exception {
        Class<?> one = anotherCopy();
        Class<?> two = anotherCopy();
        assertNotSame(one, two);
        CountDownLatch held = new CountDownLatch(1);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread first = new Thread(() -> {
            try {
                hold(one, () -> {
                    order.add("first in");
                    held.countDown();
                    sleep();
                    order.add("first out");
                });
            } catch (Throwable e) {
                failure.set(e);
            }
        });
        first.start();
        assertTrue(held.await(60, TimeUnit.SECONDS));
        hold(two, () -> order.add("second in"));
        first.join();
        assertEquals(null, failure.get());
        assertEquals(List.of("first in", "first out", "second in"), order);
    }

    private static void sleep() {
        try {
            Thread.sleep(500);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
