package org.bybert.encoder.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.bybert.encoder.checkpoint.Fingerprint;

/** A hub of the tests' own with one model, and with the faults that a test asks for. */
final class FakeHub implements AutoCloseable {

    static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
    static final String ID = "org/model";
    static final String WEIGHTS = "model.safetensors";

    final Map<String, byte[]> files = new TreeMap<>();
    /** Method, path and Range of each request. */
    final List<String> requests = new CopyOnWriteArrayList<>();

    final List<String> tokens = new CopyOnWriteArrayList<>();
    /** Where requests come to it as to a proxy. */
    final List<String> proxyTokens = new CopyOnWriteArrayList<>();
    /** Status and X-Error-Code by path. */
    final Map<String, String> refusals = new ConcurrentHashMap<>();
    /** How many bodies of weights end early, and after how many bytes. */
    final AtomicInteger breaks = new AtomicInteger();

    volatile int breakAfter = 1000;
    /** Where weights are redirected to. */
    volatile String store;

    volatile boolean ranges = true;
    volatile String etag;
    volatile Long announced;
    volatile long pauseMillis;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    FakeHub() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.setExecutor(threads);
        server.start();
        files.put("config.json", "{\"a\": 1}".getBytes(StandardCharsets.UTF_8));
        files.put("tokenizer_config.json", "{}".getBytes(StandardCharsets.UTF_8));
        files.put("README.md", "# A model".getBytes(StandardCharsets.UTF_8));
        byte[] weights = new byte[300_000];
        new java.util.Random(1).nextBytes(weights);
        files.put(WEIGHTS, weights);
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    HubSettings settings(Path cache, String token, boolean offline) {
        return new HubSettings(
                URI.create(url()), token, cache, offline, Proxies.NONE, Duration.ofMillis(1), Duration.ofSeconds(5));
    }

    Hub hub(Path cache) {
        return new Hub(settings(cache, null, false));
    }

    String sha() {
        return Fingerprint.sha256(files.get(WEIGHTS));
    }

    long bodies(String file) {
        return requests.stream()
                .filter(request -> request.startsWith("GET") && request.contains("/" + file))
                .count();
    }

    static String resolve(String file) {
        return "/" + ID + "/resolve/" + COMMIT + "/" + file;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            String range = exchange.getRequestHeaders().getFirst("Range");
            requests.add(exchange.getRequestMethod() + " " + path + (range == null ? "" : " " + range));
            proxyTokens.add(String.valueOf(exchange.getRequestHeaders().getFirst("Proxy-Authorization")));
            tokens.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            String refusal = refusals.get(path);
            if (refusal != null) {
                String[] parts = refusal.split(" ", -1);
                if (parts.length > 1) {
                    exchange.getResponseHeaders().set("X-Error-Code", parts[1]);
                }
                exchange.sendResponseHeaders(Integer.parseInt(parts[0]), -1);
            } else if (path.startsWith("/api/models/" + ID + "/revision/")) {
                describe(exchange);
            } else if (path.startsWith(resolve(""))
                    && files.containsKey(path.substring(resolve("").length()))) {
                file(exchange, path.substring(resolve("").length()));
            } else {
                exchange.sendResponseHeaders(404, -1);
            }
        }
    }

    private void describe(HttpExchange exchange) throws IOException {
        String siblings = files.keySet().stream()
                .map(name -> "{\"rfilename\": \"" + name + "\"}")
                .collect(Collectors.joining(", "));
        byte[] json =
                ("{\"sha\": \"" + COMMIT + "\", \"siblings\": [" + siblings + "]}").getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, json.length);
        exchange.getResponseBody().write(json);
    }

    private void file(HttpExchange exchange, String name) throws IOException {
        byte[] content = files.get(name);
        var headers = exchange.getResponseHeaders();
        if (name.endsWith(".safetensors")) {
            headers.set("X-Linked-ETag", "\"" + (etag == null ? Fingerprint.sha256(content) : etag) + "\"");
            headers.set("X-Linked-Size", String.valueOf(announced == null ? content.length : announced));
            if (store != null) {
                headers.set("Location", store + resolve(name));
                exchange.sendResponseHeaders(302, -1);
                return;
            }
        } else {
            headers.set("ETag", "\"" + gitBlob(content) + "\"");
        }
        if (exchange.getRequestMethod().equals("HEAD")) {
            headers.set("Content-Length", String.valueOf(content.length));
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        body(exchange, name, content);
    }

    private void body(HttpExchange exchange, String name, byte[] content) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        int from = 0;
        if (ranges && range != null) {
            from = Integer.parseInt(range.replaceAll("bytes=|-", ""));
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
        }
        boolean broken = name.equals(WEIGHTS) && breaks.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
        int length = content.length - from;
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, length);
        OutputStream out = exchange.getResponseBody();
        out.write(content, from, broken ? Math.min(breakAfter, length) : length);
        out.flush();
        pause();
    }

    private void pause() {
        try {
            Thread.sleep(pauseMillis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Git's own rule, written a second time so that the tests do not trust the code they test. */
    static String gitBlob(byte[] content) {
        try {
            var digest = java.security.MessageDigest.getInstance("SHA-1");
            digest.update(("blob " + content.length + (char) 0).getBytes(StandardCharsets.US_ASCII));
            return java.util.HexFormat.of().formatHex(digest.digest(content));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
