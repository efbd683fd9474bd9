package org.bybert.job;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * S3Proxy, which speaks S3 and keeps the objects in its memory, in a JVM of its own on the loopback interface; before
 * it a gate that passes on requests, and answers some in the store's place.
 */
public final class S3Server implements AutoCloseable {

    /** The bucket that is there from the beginning. */
    public static final String BUCKET = "s3a://bybert";

    private static final Set<String> NOT_PASSED_ON =
            Set.of("connection", "content-length", "expect", "host", "transfer-encoding", "upgrade");

    /** What is between the client and the store. */
    public interface Gate {

        Gate OPEN = request -> 0;

        /** @return the status that is answered in place of the store's answer, or 0 to pass the request on */
        int answer(Request request) throws InterruptedException;
    }

    /**
     * @param path  of the object, with its bucket
     * @param query null where there is none
     * @param copy  whether the store is to copy an object to this place, which is how S3A moves a file
     */
    public record Request(String method, String path, String query, boolean copy) {

        public boolean changes() {
            return !method.equals("GET") && !method.equals("HEAD");
        }
    }

    private final Process store;
    private final URI address;
    private final HttpServer front;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private volatile Gate gate = Gate.OPEN;

    /** @param folder receives its log and configuration */
    public S3Server(Path folder) throws IOException, InterruptedException {
        address = URI.create("http://127.0.0.1:" + Servers.freePort());
        Path settings = Files.write(
                folder.resolve("s3proxy.properties"),
                List.of(
                        "s3proxy.endpoint=" + address,
                        "s3proxy.authorization=none",
                        "s3proxy.ignore-unknown-headers=true",
                        "jclouds.provider=transient-nio2",
                        "jclouds.identity=any",
                        "jclouds.credential=any",
                        "LOG_LEVEL=warn"));
        store = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-Xmx512m",
                        "-jar",
                        Servers.fetched("s3proxy"),
                        "--properties",
                        settings.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("s3proxy.log").toFile())
                .start();
        front = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        front.setExecutor(threads);
        front.createContext("/", this::handle);
        front.start();
        makeBucket(BUCKET);
    }

    /** @param bucket with its scheme */
    public void makeBucket(String bucket) throws IOException, InterruptedException {
        HttpRequest put = HttpRequest.newBuilder(
                        address.resolve("/" + URI.create(bucket).getHost()))
                .PUT(HttpRequest.BodyPublishers.noBody())
                .build();
        for (int attempt = 0; attempt < 300; attempt++) {
            try {
                int status =
                        client.send(put, HttpResponse.BodyHandlers.discarding()).statusCode();
                if (status == 200) {
                    return;
                }
                throw new IllegalStateException("the bucket cannot be made: " + status);
            } catch (IOException e) {
                TimeUnit.MILLISECONDS.sleep(100);
            }
        }
        throw new IOException("no store at " + address);
    }

    public void setGate(Gate next) {
        gate = next;
    }

    /** What S3A needs to know, and does not wait long for; how files are read is as commands read them. */
    public Map<String, String> settings() {
        return Map.of(
                "fs.s3a.input.stream.type", "classic",
                "fs.s3a.endpoint", "http://127.0.0.1:" + front.getAddress().getPort(),
                "fs.s3a.endpoint.region", "us-east-1",
                "fs.s3a.path.style.access", "true",
                "fs.s3a.access.key", "any",
                "fs.s3a.secret.key", "any",
                "fs.s3a.attempts.maximum", "1",
                "fs.s3a.retry.limit", "5",
                "fs.s3a.retry.interval", "50ms",
                "fs.s3a.connection.timeout", "2s");
    }

    /** The jars that make {@code s3a:} known to a Spark without them, for {@code --jars}. */
    public static String jars() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(jar -> jar.matches(
                        ".*/(software/amazon|hadoop-aws|httpcomponents|wildfly-openssl|reactive-streams)/.*"))
                .collect(Collectors.joining(","));
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            URI uri = exchange.getRequestURI();
            int status = gate.answer(new Request(
                    exchange.getRequestMethod(),
                    uri.getPath(),
                    uri.getQuery(),
                    exchange.getRequestHeaders().containsKey("x-amz-copy-source")));
            if (status == 0) {
                passOn(exchange, body);
            } else {
                refuse(exchange, status);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void passOn(HttpExchange exchange, byte[] body) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(address + exchange.getRequestURI().toString()))
                .method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.ofByteArray(body));
        exchange.getRequestHeaders().forEach((name, values) -> {
            if (!NOT_PASSED_ON.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> request.header(name, value));
            }
        });
        HttpResponse<byte[]> response = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        response.headers().map().forEach((name, values) -> {
            if (!NOT_PASSED_ON.contains(name) && !name.startsWith(":")) {
                exchange.getResponseHeaders().put(name, new ArrayList<>(values));
            }
        });
        boolean head = exchange.getRequestMethod().equals("HEAD");
        response.headers()
                .firstValue("content-length")
                .filter(length -> head)
                .ifPresent(length -> exchange.getResponseHeaders().set("Content-Length", length));
        send(exchange, response.statusCode(), response.body(), head);
    }

    private static void refuse(HttpExchange exchange, int status) throws IOException {
        String code = status == 403 ? "AccessDenied" : status == 503 ? "SlowDown" : "InternalError";
        byte[] error = ("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>" + code + "</Code><Message>" + code
                        + "</Message></Error>")
                .getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/xml");
        send(exchange, status, error, exchange.getRequestMethod().equals("HEAD"));
    }

    private static void send(HttpExchange exchange, int status, byte[] body, boolean head) throws IOException {
        boolean empty = head || body.length == 0;
        exchange.sendResponseHeaders(status, empty ? -1 : body.length);
        if (!empty) {
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        }
    }

    @Override
    public void close() {
        front.stop(0);
        threads.shutdownNow();
        store.destroyForcibly();
    }
}
