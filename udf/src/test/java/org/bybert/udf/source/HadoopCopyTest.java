package org.bybert.udf.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.bybert.encoder.checkpoint.Fingerprint;
import org.bybert.encoder.checkpoint.ModelFiles;
import org.bybert.encoder.error.ModelException;
import org.bybert.udf.TestModel;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Through Hadoop's view file system, which exists only in its configuration. */
class HadoopCopyTest {

    private static final String URI = "viewfs://test/models/mini";

    @TempDir
    Path folder;

    private Path original;

    @BeforeEach
    void model() throws IOException {
        original = Files.createDirectories(folder.resolve("store/mini"));
        for (String name : ModelFiles.list(TestModel.folder())) {
            Files.copy(TestModel.folder().resolve(name), original.resolve(name));
        }
        Files.writeString(original.resolve("notes.txt"), "not part of the model");
    }

    private HadoopCopy copy(String uri, Path cache) {
        Configuration configuration = new Configuration();
        configuration.set("fs.viewfs.mounttable.test.link./models", folder.resolve("store").toUri().toString());
        // Hadoop keeps file systems by their address, with the folder of the test before.
        configuration.setBoolean("fs.viewfs.impl.disable.cache", true);
        return new HadoopCopy(uri, configuration, cache);
    }

    private Path cache() {
        return folder.resolve("cache");
    }

    @Test
    void isMadeOnceAndAnewWhenTheSourceChanges() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        Callable<Path> task = () -> copy(URI, cache()).folder();
        Set<Path> copies;
        try {
            copies = threads.invokeAll(IntStream.range(0, 8).mapToObj(i -> task).toList()).stream().map(future -> {
                try {
                    return future.get();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }).collect(Collectors.toSet());
        } finally {
            threads.shutdownNow();
        }
        assertEquals(1, copies.size());
        Path first = copies.iterator().next();
        assertEquals(Fingerprint.of(original), Fingerprint.of(first));
        assertFalse(Files.exists(first.resolve("notes.txt")));
        try (Stream<Path> content = Files.list(cache())) {
            assertEquals(2, content.count(), "the copy and its lock");
        }
        FileTime made = Files.getLastModifiedTime(first.resolve("config.json"));
        assertEquals(first, copy(URI, cache()).folder());
        assertEquals(made, Files.getLastModifiedTime(first.resolve("config.json")));

        Files.setLastModifiedTime(original.resolve("config.json"), FileTime.fromMillis(1_000_000));
        assertNotEquals(first, copy(URI, cache()).folder());
    }

    @Test
    void anUnfinishedCopyIsReplaced() throws IOException {
        Path first = copy(URI, cache()).folder();
        Files.move(first, cache().resolve(first.getFileName() + ".copying"));
        Files.delete(cache().resolve(first.getFileName() + ".copying").resolve("config.json"));
        assertEquals(Fingerprint.of(original), Fingerprint.of(copy(URI, cache()).folder()));
    }

    @Test
    void errorsNameTheAddress() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        for (var wrong : List.of(
                Map.entry(copy("viewfs://test/models/none", cache()), "viewfs://test/models/none: model folder not found"),
                Map.entry(copy("viewfs://other/x", cache()), "viewfs://other/x: cannot be read on host"),
                Map.entry(copy("nosuch://other/x", cache()), "nosuch://other/x: cannot be read on host"),
                Map.entry(copy("s3a://bucket/x", cache()), "--packages org.apache.hadoop:hadoop-aws"),
                Map.entry(copy(URI, file.resolve("below")), "BYBERT_CACHE"))) {
            String message = assertThrows(ModelException.class, () -> wrong.getKey().folder()).getMessage();
            assertTrue(message.contains(wrong.getValue()), message);
        }
    }

    @Test
    void aSourceCarriesWhatTheDriverSetAndNoDefaults() {
        System.setProperty("spark.hadoop.fs.viewfs.mounttable.test.link./models", "file:///x");
        System.setProperty("spark.hadoop.fs.s3a.secret.key", "hidden");
        try {
            HadoopSource source = (HadoopSource) ModelSource.of(URI);
            assertEquals("file:///x", source.settings().get("fs.viewfs.mounttable.test.link./models"));
            assertFalse(source.settings().containsKey("fs.viewfs.impl"), "a default of Hadoop's own");
            assertFalse(source.toString().contains("hidden"));
        } finally {
            System.clearProperty("spark.hadoop.fs.viewfs.mounttable.test.link./models");
            System.clearProperty("spark.hadoop.fs.s3a.secret.key");
        }
    }
}
