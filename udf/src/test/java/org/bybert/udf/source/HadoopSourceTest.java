package org.bybert.udf.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.util.VersionInfo;
import org.bybert.encoder.checkpoint.Fingerprint;
import org.bybert.encoder.checkpoint.ModelFiles;
import org.bybert.encoder.error.ModelException;
import org.bybert.udf.TestModel;
import org.bybert.udf.mecab.MecabDictionary;
import org.bybert.udf.mecab.TinyDictionary;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Through Hadoop's view file system, which exists only in its configuration. */
class HadoopSourceTest {

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

    private Path copy(String uri, Path cache) {
        // Hadoop keeps file systems by their address, with the folder of the test before.
        Map<String, String> settings = Map.of(
                "fs.viewfs.impl.disable.cache",
                "true",
                "fs.viewfs.mounttable.test.link./models",
                folder.resolve("store").toUri().toString());
        return new HadoopSource(uri, ModelSource.Kind.MODEL, settings).copy(Map.of("BYBERT_CACHE", cache.toString()));
    }

    private Path cache() {
        return folder.resolve("cache");
    }

    @Test
    void isMadeOnceAndAnewWhenTheSourceChanges() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        Callable<Path> task = () -> copy(URI, cache());
        Set<Path> copies;
        try {
            copies = threads.invokeAll(IntStream.range(0, 8).mapToObj(i -> task).toList()).stream()
                    .map(future -> {
                        try {
                            return future.get();
                        } catch (Exception e) {
                            throw new IllegalStateException(e);
                        }
                    })
                    .collect(Collectors.toSet());
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
        assertEquals(first, copy(URI, cache()));
        assertEquals(made, Files.getLastModifiedTime(first.resolve("config.json")));

        Files.setLastModifiedTime(original.resolve("config.json"), FileTime.fromMillis(1_000_000));
        assertNotEquals(first, copy(URI, cache()));
    }

    @Test
    void aCopyThatLostFilesIsMadeAnew() throws IOException {
        for (boolean cut : new boolean[] {false, true}) {
            Path weights = copy(URI, cache()).resolve("model.safetensors");
            if (cut) {
                Files.write(weights, new byte[9]);
            } else {
                Files.delete(weights);
            }
            assertEquals(Fingerprint.of(original), Fingerprint.of(copy(URI, cache())));
        }
    }

    @Test
    void anUnfinishedCopyIsReplaced() throws IOException {
        Path first = copy(URI, cache());
        Files.move(first, cache().resolve(first.getFileName() + ".copying"));
        Files.delete(cache().resolve(first.getFileName() + ".copying").resolve("config.json"));
        assertEquals(Fingerprint.of(original), Fingerprint.of(copy(URI, cache())));
    }

    /** A folder that others may write is as good as theirs. */
    @Test
    void copiesAreKeptWhereNobodyElseWrites() throws IOException {
        Path shared = Files.createDirectory(folder.resolve("shared"));
        Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwxrwx"));
        Path own = shared.resolve("bybert-" + System.getProperty("user.name"));
        assertEquals(own, copy(URI, shared).getParent());
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(own)));

        Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwxrwx---"));
        String message =
                assertThrows(ModelException.class, () -> copy(URI, shared)).getMessage();
        assertTrue(
                message.contains(own + " is not this user's alone")
                        && message.contains("rwxrwx---")
                        && message.contains("BYBERT_CACHE"),
                message);
    }

    @Test
    void theFolderOfAnotherUserIsNotTaken() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root can give files away");
        Path other = Files.createDirectory(folder.resolve("other"));
        Files.setOwner(
                other, other.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));
        assertEquals(other.resolve("bybert-root"), copy(URI, other).getParent());
        Files.setOwner(other.resolve("bybert-root"), Files.getOwner(other));
        String message =
                assertThrows(ModelException.class, () -> copy(URI, other)).getMessage();
        assertTrue(message.contains("found nobody rwx------"), message);
    }

    @Test
    void errorsNameTheAddress() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        for (List<?> wrong : List.of(
                List.of("viewfs://test/models/none", cache(), "viewfs://test/models/none: model folder not found"),
                List.of("viewfs://other/x", cache(), "viewfs://other/x: cannot be read on host"),
                List.of("nosuch://other/x", cache(), "nosuch://other/x: cannot be read on host"),
                List.of(
                        "s3a://bucket/x",
                        cache(),
                        "--packages org.apache.hadoop:hadoop-aws:" + VersionInfo.getVersion()),
                List.of("abfss://bucket/x", cache(), "--packages org.apache.hadoop:hadoop-azure:"),
                List.of("gs://bucket/x", cache(), "--packages org.apache.hadoop:hadoop-gcp:"),
                List.of("nosuch://other/x", cache(), "--packages or --jars bring them"),
                List.of(URI, file.resolve("below"), "BYBERT_CACHE"))) {
            String message = assertThrows(ModelException.class, () -> copy((String) wrong.get(0), (Path) wrong.get(1)))
                    .getMessage();
            assertTrue(message.contains((String) wrong.get(2)), message);
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

    @Test
    void aDictionaryIsCopiedAsAModelIs() throws IOException {
        Path store = TinyDictionary.sample().write(folder.resolve("store/mini-dictionary"));
        Files.writeString(store.resolve("lex.csv"), "not read");
        Map<String, String> settings = Map.of(
                "fs.viewfs.impl.disable.cache",
                "true",
                "fs.viewfs.mounttable.test.link./models",
                folder.resolve("store").toUri().toString());
        HadoopSource source =
                new HadoopSource("viewfs://test/models/mini-dictionary", ModelSource.Kind.DICTIONARY, settings);
        Path copy = source.copy(Map.of("BYBERT_CACHE", cache().toString()));
        assertFalse(Files.exists(copy.resolve("lex.csv")));
        assertEquals(MecabDictionary.of(store).hash(), MecabDictionary.of(copy).hash());
    }
}
