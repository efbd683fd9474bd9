package org.bybert.udf.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.bybert.encoder.checkpoint.ModelFiles;
import org.bybert.encoder.error.ModelException;
import org.bybert.encoder.hub.HubId;
import org.bybert.udf.TestModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelSourceTest {

    private static final String COMMIT = "89abcdef0123456789abcdef0123456789abcdef";

    @TempDir
    Path folder;

    @Test
    void aFolderWinsOverAnIdOfTheHub() {
        // Relative to the module that is tested.
        assertTrue(ModelSource.of("src/main") instanceof ModelSource.Folder);
        assertEquals(
                Path.of("src/main").toAbsolutePath(), ModelSource.of("src/main").folder());
        assertTrue(ModelSource.of("tohoku-nlp/bybert-jp-v2-100m@v1") instanceof HubSource);
        assertEquals(
                TestModel.folder(),
                ModelSource.of("file://" + TestModel.folder()).folder());
        assertEquals(
                TestModel.folder(), ModelSource.of("file:" + TestModel.folder()).folder());
    }

    @Test
    void whatIsNothingSaysWhatItCouldHaveBeen() {
        for (String name : new String[] {"../../etc-of-nobody", "nothing", "a/b/c", "a\u0000b", "file:///no/such"}) {
            String message = assertThrows(
                            ModelException.class, () -> ModelSource.of(name).folder())
                    .getMessage();
            assertTrue(message.contains("model folder not found on host") || message.contains("not a path"), message);
        }
        assertThrows(ModelException.class, () -> ModelSource.of("file://host/x"));
        assertThrows(ModelException.class, () -> ModelSource.of(" "));
    }

    @Test
    void whatPeopleTypeForAModelIsRecognised() throws IOException {
        String page = "https://huggingface.co/tohoku-nlp/bybert-jp-100m/tree/main";
        assertEquals(
                page + ": an address of the web, not of a folder; name the model by its id, tohoku-nlp/bybert-jp-100m",
                refusal(page));
        for (String name :
                new String[] {"bybert-jp-100m", "ByBERT-JP-100m", "tohoku-nlp/bybert-jp-100m/", "bybert-jp-100m@main"
                }) {
            assertTrue(refusal(name).contains(" (did you mean tohoku-nlp/bybert-jp-100m?)"), refusal(name));
        }
        assertTrue(refusal(TestModel.folder().resolve("config.json").toString())
                .contains("(it is a file: name the folder"));
        Path cached = folder.resolve("models--org--mini");
        Files.createDirectories(cached.resolve("snapshots"));
        assertTrue(refusal(cached.toString())
                .contains(
                        "name the model by its id, org/mini, or one of the folders in " + cached.resolve("snapshots")));
    }

    private static String refusal(String model) {
        return assertThrows(ModelException.class, () -> ModelSource.of(model).folder())
                .getMessage();
    }

    @Test
    void aFolderOfTheDriverAloneNamesTheWaysOut() {
        String message = assertThrows(
                        ModelException.class,
                        () -> new ModelSource.Folder("/models/mine", "driver.example", ModelSource.Kind.MODEL).folder())
                .getMessage();
        for (String part : new String[] {
            "/models/mine", "driver.example", "at this path on every host", "hdfs://", "--archives FILE.zip#NAME", "hub"
        }) {
            assertTrue(message.contains(part), message);
        }
    }

    @Test
    void aHostsOwnCacheGoesBeforeTheDrivers() {
        Map<String, String> driver = Map.of("HF_HUB_CACHE", "/driver", "HF_ENDPOINT", "https://mirror.example");
        assertEquals(driver, HubSource.environment(Map.of(), driver));
        assertEquals(
                Map.of("HF_HOME", "/own", "HF_ENDPOINT", "https://mirror.example"),
                HubSource.environment(Map.of("HF_HOME", "/own"), driver));
        assertEquals(
                Map.of("XDG_CACHE_HOME", "/own", "HF_ENDPOINT", "https://mirror.example"),
                HubSource.environment(Map.of("XDG_CACHE_HOME", "/own"), driver));
    }

    @Test
    void executorsGetTheDriversSettingsButNotItsToken() {
        Map<String, String> driver = Map.of(
                "XDG_CACHE_HOME",
                "/driver",
                "HTTPS_PROXY",
                "http://proxy:3128",
                "no_proxy",
                "localhost",
                "HF_TOKEN",
                "secret",
                "HF_TOKEN_PATH",
                "/secret",
                "PATH",
                "/bin");
        Map<String, String> passed = HubSource.passedOn(driver);
        assertEquals(Set.of("XDG_CACHE_HOME", "HTTPS_PROXY", "no_proxy"), passed.keySet());
        assertEquals(passed, HubSource.environment(Map.of(), passed));
        assertEquals(
                Map.of("XDG_CACHE_HOME", "/driver", "https_proxy", "http://own:1"),
                HubSource.environment(Map.of("https_proxy", "http://own:1"), passed));
    }

    /** Without the variable every executor would download into its user's home. */
    @Test
    void aCacheThatTheDriverNamesByXdgIsTheExecutorsToo() throws IOException {
        Path hub = Files.createDirectories(folder.resolve("huggingface/hub"));
        Path repository = hub.resolve("models--org--mini");
        Path snapshot = Files.createDirectories(repository.resolve("snapshots").resolve(COMMIT));
        for (String name : ModelFiles.list(TestModel.folder())) {
            Files.copy(TestModel.folder().resolve(name), snapshot.resolve(name));
        }
        Map<String, String> driver = Map.of("XDG_CACHE_HOME", folder.toString(), "HF_HUB_OFFLINE", "1");
        assertEquals(snapshot, new HubSource(HubId.parse("org/mini@" + COMMIT), HubSource.passedOn(driver)).folder());
    }

    @Test
    void aModelOfTheHubIsPinnedToItsCommit() throws IOException {
        Path repository = folder.resolve("models--org--mini");
        Path snapshot = Files.createDirectories(repository.resolve("snapshots").resolve(COMMIT));
        for (String name : ModelFiles.list(TestModel.folder())) {
            Files.copy(TestModel.folder().resolve(name), snapshot.resolve(name));
        }
        Files.createDirectories(repository.resolve("refs"));
        Files.writeString(repository.resolve("refs/main"), COMMIT);
        ModelSource source = new HubSource(
                HubId.parse("org/mini"), Map.of("HF_HUB_CACHE", folder.toString(), "HF_HUB_OFFLINE", "1"));
        assertEquals("org/mini@" + COMMIT, source.pin().toString());
        assertEquals(COMMIT, source.pin().commit());
        assertEquals(snapshot, source.pin().folder());
    }

    @Test
    void anArchiveIsKnownByTheNameItIsGiven() {
        System.setProperty("spark.archives", URI.create("file:/tmp/model.zip") + "#mini,/tmp/other.zip#other");
        try {
            assertTrue(ShippedSource.isShipped("mini"));
            assertTrue(ShippedSource.isShipped("mini/inner"));
            assertTrue(!ShippedSource.isShipped("min"));
            assertTrue(!ShippedSource.isShipped("mini/../.."));
        } finally {
            System.clearProperty("spark.archives");
        }
    }
}
