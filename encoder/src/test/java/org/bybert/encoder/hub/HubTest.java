package org.bybert.encoder.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bybert.encoder.Warnings;
import org.bybert.encoder.error.ModelException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HubTest {

    @TempDir
    Path cache;

    private final HubId id = HubId.parse(FakeHub.ID);
    private FakeHub server;

    @BeforeEach
    void start() throws IOException {
        server = new FakeHub();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Path repository() {
        return cache.resolve("models--org--model");
    }

    private void assertWhole(Hub.Snapshot snapshot) throws IOException {
        assertArrayEquals(
                server.files.get(FakeHub.WEIGHTS),
                Files.readAllBytes(snapshot.folder().resolve(FakeHub.WEIGHTS)));
        try (Stream<Path> blobs = Files.list(repository().resolve("blobs"))) {
            assertEquals(
                    Set.of(),
                    blobs.map(blob -> blob.getFileName().toString())
                            .filter(name -> name.contains("incomplete"))
                            .collect(Collectors.toSet()));
        }
    }

    private String failure(Hub hub, String name) {
        return assertThrows(ModelException.class, () -> hub.resolve(HubId.parse(name)))
                .getMessage();
    }

    private static void assertContains(String text, String... parts) {
        for (String part : parts) {
            assertTrue(text.contains(part), "expected '" + part + "' in: " + text);
        }
    }

    @Test
    void theCacheHasTheLayoutOfPythonsTools() throws IOException {
        Hub.Snapshot snapshot = server.hub(cache).resolve(id);
        assertWhole(snapshot);
        assertEquals(FakeHub.COMMIT, snapshot.id().revision());
        assertEquals(repository().resolve("snapshots").resolve(FakeHub.COMMIT), snapshot.folder());
        assertEquals(FakeHub.COMMIT, Files.readString(repository().resolve("refs/main")));
        assertEquals(
                Path.of("../../blobs/" + server.sha()),
                Files.readSymbolicLink(snapshot.folder().resolve(FakeHub.WEIGHTS)));
        assertEquals(
                Path.of("../../blobs/" + FakeHub.gitBlob(server.files.get("config.json"))),
                Files.readSymbolicLink(snapshot.folder().resolve("config.json")));
        assertFalse(Files.exists(snapshot.folder().resolve("README.md")), "only what opening a model reads");
    }

    @Test
    void whatIsCachedNeedsNoFurtherBytesAndAPinnedCommitNoNetwork() throws IOException {
        Hub.Snapshot first = server.hub(cache).resolve(id);
        server.requests.clear();
        assertEquals(first, server.hub(cache).resolve(id));
        assertEquals(List.of("GET /api/models/org/model/revision/main"), server.requests);
        server.close();
        assertEquals(first, server.hub(cache).resolve(first.id()));
        assertEquals(first, new Hub(server.settings(cache, null, true)).resolve(id));
        assertEquals(first, server.hub(cache).resolve(id), "a hub that is down");
    }

    @Test
    void offlineWithoutACopySaysSo() {
        String message = failure(new Hub(server.settings(cache, null, true)), "org/model@v2");
        assertContains(message, "org/model@v2", "HF_HUB_OFFLINE", cache.toString());
        assertEquals(List.of(), server.requests);
    }

    @Test
    void offlineACacheSaysWhatItHasAndWhatItLacks() throws IOException {
        Path snapshot = server.hub(cache).resolve(id).folder();
        Hub offline = new Hub(server.settings(cache, null, true));
        Path weights = snapshot.resolve(FakeHub.WEIGHTS);
        Files.move(repository().resolve("blobs").resolve(server.sha()), cache.resolve("aside"));
        assertContains(
                failure(offline, FakeHub.ID),
                snapshot + ": the cached copy lacks model.safetensors (a link to a "
                        + "file that is gone); it has [config.json, model.safetensors, tokenizer_config.json]",
                "HF_HUB_OFFLINE");
        Files.delete(weights);
        assertContains(failure(offline, FakeHub.ID), "lacks model.safetensors; it has [config.json, tokenizer");
        Files.move(cache.resolve("aside"), repository().resolve("blobs").resolve(server.sha()));
        assertWhole(server.hub(cache).resolve(id));

        Files.delete(repository().resolve("refs/main"));
        assertContains(
                failure(offline, FakeHub.ID),
                "no refs/main of it, but [" + FakeHub.COMMIT + "]",
                "name such a commit: org/model@" + FakeHub.COMMIT);
        assertEquals(snapshot, offline.resolve(id.at(FakeHub.COMMIT)).folder());
        String other = "f".repeat(40);
        assertContains(failure(offline, "org/model@" + other), "no snapshots/" + other + " of it, but [");
        assertEquals(snapshot, server.hub(cache).resolve(id).folder());
        assertEquals(snapshot, offline.resolve(id).folder());
        server.close();
        Files.delete(repository().resolve("refs/main"));
        assertContains(
                failure(server.hub(cache), FakeHub.ID), "the hub cannot be reached", "no refs/main of it, but [");
    }

    @Test
    void aCopyThatBrokeInTheCacheIsNamedAndDownloadedAnew() throws IOException {
        Path snapshot = server.hub(cache).resolve(id).folder();
        for (String name : List.of(FakeHub.WEIGHTS, "config.json")) {
            Path blob = snapshot.resolve(name).toRealPath();
            for (byte[] damaged : List.of(new byte[0], new byte[(int) Files.size(blob)])) {
                Files.write(blob, damaged);
                assertContains(
                        failure(new Hub(server.settings(cache, null, true)), FakeHub.ID),
                        blob + " (the cached copy of " + name + "): damaged: expected",
                        "HF_HUB_OFFLINE");
                List<String> warnings = Warnings.of(() ->
                        assertEquals(snapshot, server.hub(cache).resolve(id).folder()));
                assertContains(warnings.toString(), "(the cached copy of " + name + "): damaged", "downloaded anew");
                assertArrayEquals(server.files.get(name), Files.readAllBytes(snapshot.resolve(name)));
                Files.write(blob, damaged);
                server.hub(cache).resolve(id.at(FakeHub.COMMIT));
                assertArrayEquals(server.files.get(name), Files.readAllBytes(snapshot.resolve(name)));
            }
        }
        assertWhole(server.hub(cache).resolve(id));
    }

    @Test
    void brokenConnectionsAreResumed() throws IOException {
        server.breaks.set(3);
        assertWhole(server.hub(cache).resolve(id));
        List<String> ranges = server.requests.stream()
                .filter(request -> request.startsWith("GET") && request.contains("safetensors"))
                .toList();
        assertEquals(4, ranges.size(), ranges.toString());
        assertTrue(ranges.get(3).matches(".* bytes=\\d+-"), ranges.toString());
    }

    @Test
    void aServerThatAlwaysBreaksIsGivenUpAndWhatCameIsKept() throws IOException {
        server.breaks.set(1000);
        assertContains(failure(server.hub(cache), FakeHub.ID), "cannot be reached", "tried 5 times");
        server.breaks.set(0);
        server.requests.clear();
        assertWhole(server.hub(cache).resolve(id));
        assertEquals(
                1,
                server.requests.stream()
                        .filter(request -> request.contains("bytes="))
                        .count());
    }

    @Test
    void aPartialFileIsResumedAndADamagedOneStartsAnew() throws IOException {
        byte[] weights = server.files.get(FakeHub.WEIGHTS);
        Path partial = repository().resolve("blobs").resolve(server.sha() + ".bybert.incomplete");
        Files.createDirectories(partial.getParent());
        Files.write(partial, Arrays.copyOf(weights, 150_000));
        assertWhole(server.hub(cache).resolve(id));
        assertTrue(server.requests.contains("GET " + FakeHub.resolve(FakeHub.WEIGHTS) + " bytes=150000-"));

        for (byte[] damaged : List.of(new byte[150_000], new byte[weights.length], new byte[weights.length + 1])) {
            Files.delete(repository().resolve("blobs").resolve(server.sha()));
            Files.write(partial, damaged);
            assertWhole(server.hub(cache).resolve(id));
        }
        server.ranges = false;
        Files.delete(repository().resolve("blobs").resolve(server.sha()));
        Files.write(partial, Arrays.copyOf(weights, 150_000));
        assertWhole(server.hub(cache).resolve(id));
    }

    @Test
    void aBlobOfTheWrongSizeIsDownloadedAnew() throws IOException {
        Path blob = repository().resolve("blobs").resolve(server.sha());
        Files.createDirectories(blob.getParent());
        Files.write(blob, new byte[17]);
        assertWhole(server.hub(cache).resolve(id));
    }

    @Test
    void wrongContentIsRefused() {
        server.etag = "0".repeat(64);
        assertContains(
                failure(server.hub(cache), FakeHub.ID), "expected SHA-256 " + server.etag, "found " + server.sha());
        assertFalse(Files.exists(repository().resolve("blobs").resolve(server.etag)));
        assertFalse(Files.exists(repository().resolve("refs")));
        server.etag = null;
        server.announced = 299_000L;
        assertContains(failure(server.hub(cache), FakeHub.ID), "expected 299000 bytes");
        server.announced = 301_000L;
        assertContains(failure(server.hub(cache), FakeHub.ID), "300000 of 301000 bytes");
    }

    @Test
    void theTokenStaysWithTheEndpoint() throws IOException {
        try (FakeHub store = new FakeHub()) {
            server.store = store.url();
            assertWhole(new Hub(server.settings(cache, "secret", false)).resolve(id));
            assertEquals(Set.of("Bearer secret"), new TreeSet<>(server.tokens));
            assertEquals(1, store.bodies(FakeHub.WEIGHTS));
            assertEquals(Set.of("null"), new TreeSet<>(store.tokens));
        }
        assertFalse(server.settings(cache, "secret", false).toString().contains("secret"));
    }

    @Test
    void aProxyIsAskedForWhatOnlyItCanReach() throws IOException {
        HubSettings direct = server.settings(cache, "secret", false);
        Proxies proxies = Proxies.of(Map.of("http_proxy", server.url().replace("//", "//me:p%40ss@")));
        HubSettings settings = new HubSettings(
                URI.create("http://hub.invalid"), "secret", cache, false, proxies, direct.pause(), direct.patience());
        assertWhole(new Hub(settings).resolve(id));
        assertEquals(Set.of("Basic bWU6cEBzcw=="), new TreeSet<>(server.proxyTokens));
        assertEquals(Set.of("Bearer secret"), new TreeSet<>(server.tokens));
    }

    @Test
    void hostsOfNoProxyAndHubsWithoutAProxyAreTheirOwn() throws IOException {
        HubSettings direct = server.settings(cache, null, false);
        Proxies proxies = Proxies.of(Map.of("http_proxy", "http://proxy.invalid", "NO_PROXY", "127.0.0.0/8"));
        assertWhole(new Hub(new HubSettings(
                        direct.endpoint(), null, cache, false, proxies, direct.pause(), direct.patience()))
                .resolve(id));
        assertEquals(Set.of("null"), new TreeSet<>(server.proxyTokens));
    }

    /** In a process of its own: whether the JDK's client tells a proxy passwords is decided once per JVM. */
    @Test
    void anHttpsHubIsReachedByATunnelThatGetsThePassword() throws Exception {
        try (ServerSocket proxy = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
            CompletableFuture<List<String>> head = CompletableFuture.supplyAsync(() -> refuse(proxy));
            Process child = child(Map.of(
                    "HF_ENDPOINT",
                    "https://hub.invalid",
                    "https_proxy",
                    "http://me:pass@127.0.0.1:" + proxy.getLocalPort()));
            List<String> lines = head.get(60, TimeUnit.SECONDS);
            assertEquals("CONNECT hub.invalid:443 HTTP/1.1", lines.get(0));
            assertTrue(lines.contains("Proxy-Authorization: Basic bWU6cGFzcw=="), lines.toString());
            String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(child.waitFor(60, TimeUnit.SECONDS), "the child hangs");
            assertContains(output, "HTTP 407", "the proxy wants a user and a password");
        }
    }

    /** Answers one request with 407. */
    private static List<String> refuse(ServerSocket proxy) {
        try (Socket socket = proxy.accept()) {
            BufferedReader reader =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            List<String> head =
                    reader.lines().takeWhile(line -> !line.isEmpty()).toList();
            socket.getOutputStream()
                    .write("HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            return head;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void filesOfTheSharedCacheHaveTheModesOfAnyNewFile() throws IOException {
        server.hub(cache).resolve(id);
        Set<PosixFilePermission> usual =
                Files.getPosixFilePermissions(Files.createFile(cache.resolve("file-of-this-test")));
        try (Stream<Path> files = Files.walk(repository())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertEquals(usual, Files.getPosixFilePermissions(file), file.toString());
            }
        }
        assertEquals(FakeHub.COMMIT, Files.readString(repository().resolve("refs/main")));
        try (Stream<Path> refs = Files.list(repository().resolve("refs"))) {
            assertEquals(1, refs.count());
        }
    }

    @Test
    void refusalsSayWhatToDo() {
        String main = "/api/models/org/model/revision/main";
        server.refusals.put(main, "401");
        assertContains(failure(server.hub(cache), FakeHub.ID), "HTTP 401", "set HF_TOKEN");
        assertContains(failure(new Hub(server.settings(cache, "bad", false)), FakeHub.ID), "HF_TOKEN is not accepted");
        server.refusals.put(main, "403 GatedRepo");
        assertContains(failure(server.hub(cache), FakeHub.ID), "gated", server.url() + "/org/model");
        server.refusals.put(main, "403");
        assertContains(failure(server.hub(cache), FakeHub.ID), "access denied", "HF_TOKEN");
        server.requests.clear();
        server.refusals.put(main, "503");
        assertContains(failure(server.hub(cache), FakeHub.ID), "HTTP 503", "tried 5 times", "try again");
        assertEquals(5, server.requests.size());
        server.refusals.put("/api/models/org/model/revision/v9", "404 RevisionNotFound");
        assertContains(failure(server.hub(cache), "org/model@v9"), "org/model: revision v9 not found");
    }

    @Test
    void aTypoListsNearNames() throws IOException {
        assertContains(
                failure(server.hub(cache), "tohoku-nlp/bybert-jp-v2-100n"),
                "did you mean tohoku-nlp/bybert-jp-v2-100m or");
        server.hub(cache).resolve(id);
        assertContains(failure(server.hub(cache), "org/modle"), "did you mean org/model?");
        assertContains(failure(server.hub(cache), "someone/quite-another-thing"), "check the name");
    }

    @Test
    void shardsAreFoundByTheirIndex() throws IOException {
        byte[] weights = server.files.remove(FakeHub.WEIGHTS);
        server.files.put("model-1.safetensors", weights);
        server.files.put("model-2.safetensors", new byte[] {1, 2, 3});
        server.files.put("model-3.safetensors", new byte[] {4});
        server.files.put(
                "model.safetensors.index.json",
                "{\"weight_map\": {\"a\": \"model-1.safetensors\", \"b\": \"model-2.safetensors\"}}"
                        .getBytes(StandardCharsets.UTF_8));
        Path folder = server.hub(cache).resolve(id).folder();
        assertArrayEquals(weights, Files.readAllBytes(folder.resolve("model-1.safetensors")));
        assertEquals(0, server.bodies("model-3.safetensors"), "not named by the index");
        server.close();
        assertEquals(folder, server.hub(cache).resolve(id.at(FakeHub.COMMIT)).folder());
    }

    @Test
    void aCacheThatCannotBeWrittenServesWhatItHas(@TempDir Path other) throws IOException {
        Path file = Files.createFile(other.resolve("file"));
        assertContains(failure(server.hub(file.resolve("cache")), FakeHub.ID), "cannot be written", "HF_HUB_CACHE");

        Hub.Snapshot snapshot = server.hub(cache).resolve(id);
        // A file in place of a folder keeps root out too.
        try (Stream<Path> locks = Files.walk(cache.resolve(".locks"))) {
            for (Path path : locks.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(path);
            }
        }
        Files.createFile(cache.resolve(".locks"));
        Files.delete(repository().resolve("refs/main"));
        Files.delete(repository().resolve("refs"));
        Files.createFile(repository().resolve("refs"));
        assertEquals(snapshot, server.hub(cache).resolve(id));
        Files.delete(repository().resolve("blobs").resolve(server.sha()));
        assertContains(failure(server.hub(cache), FakeHub.ID), "cannot be written");
    }

    @Test
    void twoProcessesDownloadOnce() throws Exception {
        server.pauseMillis = 200;
        Process one = child();
        Process two = child();
        for (Process child : List.of(one, two)) {
            assertTrue(child.waitFor(60, TimeUnit.SECONDS), "a child hangs");
            String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, child.exitValue(), output);
        }
        assertWhole(server.hub(cache).resolve(id));
        assertEquals(1, server.bodies(FakeHub.WEIGHTS), server.requests.toString());
    }

    private Process child() throws IOException {
        return child(Map.of("HF_ENDPOINT", server.url()));
    }

    private Process child(Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName())
                .redirectErrorStream(true);
        builder.environment()
                .keySet()
                .removeIf(name -> name.toLowerCase(Locale.ROOT).endsWith("_proxy")
                        || List.of("HF_TOKEN", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "JAVA_TOOL_OPTIONS")
                                .contains(name));
        builder.environment().put("HF_HUB_CACHE", cache.toString());
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** A user's process, with its settings in the environment. */
    static final class Child {
        public static void main(String[] arguments) {
            new Hub(HubSettings.of(System.getenv())).resolve(HubId.parse(FakeHub.ID));
        }
    }
}
