package org.bybert.encoder.hub;

import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.bybert.encoder.error.ModelException;
import org.bybert.encoder.hub.Retry.Unreachable;

/**
 * One request and its answer. Redirects are followed here and not by the client, because the token belongs to the
 * endpoint alone: hubs redirect to the stores of other companies.
 */
final class HubHttp {

    static final String LINKED_ETAG = "X-Linked-ETag";

    /** What a JVM that has sent requests before must be started with for its proxy to be told a password. */
    static final String TUNNEL_SCHEMES = "jdk.http.auth.tunneling.disabledSchemes";

    private static final int REDIRECTS = 5;
    private static final Set<Integer> REDIRECT = Set.of(301, 302, 303, 307, 308);

    private final HubSettings settings;
    /** By the proxies they ask; {@code null} for none. */
    private final Map<String, HttpClient> clients = new ConcurrentHashMap<>();

    HubHttp(HubSettings settings) {
        this.settings = settings;
        if (settings.proxies().servers().values().stream().anyMatch(server -> server.authorization() != null)
                && System.getProperty(TUNNEL_SCHEMES) == null) {
            // The JDK tells a proxy no password for HTTPS otherwise; read once, by the first client of this JVM.
            System.setProperty(TUNNEL_SCHEMES, "");
        }
    }

    private HttpClient client(Proxies.Server proxy) {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(settings.patience());
        // Without the variables as the JVM's own properties have it.
        return (settings.proxies().servers().isEmpty()
                        ? builder
                        : builder.proxy(ProxySelector.of(proxy == null ? null : proxy.address())))
                .build();
    }

    /** What came back; to be closed. */
    record Answer(int status, HttpHeaders headers, InputStream body) implements Closeable {

        /** Empty where there is none of the name. */
        String header(String name) {
            return headers.firstValue(name).orElse("");
        }

        @Override
        public void close() throws IOException {
            body.close();
        }
    }

    /**
     * @param method GET, or HEAD for the headers of a file: those of the redirect where it describes its target
     * @param from   first byte wanted
     * @throws Unreachable where there is no answer, or one that promises a better one later
     */
    Answer send(String method, URI start, long from) throws IOException {
        URI uri = start;
        for (int hop = 0; hop <= REDIRECTS; hop++) {
            Answer answer = exchange(method, uri, from);
            int status = answer.status();
            boolean described =
                    method.equals("HEAD") && !answer.header(LINKED_ETAG).isEmpty();
            boolean troubled = status >= 500 || status == 429 || status == 408;
            if (!troubled && (described || !REDIRECT.contains(status))) {
                return answer;
            }
            answer.close();
            if (troubled) {
                throw new Unreachable(site(uri) + " answers HTTP " + status, null);
            }
            uri = target(uri, answer.header("Location"));
        }
        throw new ModelException(start + ": more than " + REDIRECTS + " redirects");
    }

    private static URI target(URI from, String location) {
        try {
            URI target = from.resolve(location);
            boolean weaker = from.getScheme().equals("https") && !"https".equals(target.getScheme());
            if (!location.isEmpty() && target.getHost() != null && !weaker) {
                return target;
            }
        } catch (IllegalArgumentException e) {
            // Not a URI: the same error as for one that cannot be followed.
        }
        throw new ModelException(from + ": redirects to '" + location + "', which cannot be followed");
    }

    private static String site(URI uri) {
        return uri.getScheme() + "://" + uri.getAuthority();
    }

    private Answer exchange(String method, URI uri, long from) throws Unreachable {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .header("User-Agent", "bybert");
        if (from > 0) {
            request.header("Range", "bytes=" + from + "-");
        }
        if (settings.token() != null && site(uri).equalsIgnoreCase(site(settings.endpoint()))) {
            request.header("Authorization", "Bearer " + settings.token());
        }
        Proxies.Server proxy = settings.proxies().of(uri);
        if (proxy != null && proxy.authorization() != null) {
            request.header("Proxy-Authorization", proxy.authorization());
        }
        String host = site(uri) + (proxy == null ? "" : " by the proxy " + proxy);
        // Not the request's own timeout, which newer JDKs apply to the body too.
        CompletableFuture<HttpResponse<InputStream>> answer = clients.computeIfAbsent(
                        String.valueOf(proxy), key -> client(proxy))
                .sendAsync(request.build(), BodyHandlers.ofInputStream());
        try {
            HttpResponse<InputStream> response = answer.get(settings.patience().toMillis(), TimeUnit.MILLISECONDS);
            return new Answer(response.statusCode(), response.headers(), new PatientStream(response.body(), uri));
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw new Unreachable(
                    host + " gave no answer within " + settings.patience().toSeconds() + " s", e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            String reason = cause instanceof ConnectException && cause.getMessage() == null
                    ? "no connection"
                    : cause.toString();
            throw new Unreachable(host + ": " + reason, cause);
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new ModelException("interrupted while waiting for " + host, e);
        }
    }

    /** A body whose reads end with an error where no byte comes for too long; the HTTP client has no such limit. */
    private final class PatientStream extends FilterInputStream {

        private final URI uri;

        PatientStream(InputStream body, URI uri) {
            super(body);
            this.uri = uri;
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            long patience = settings.patience().toMillis();
            CompletableFuture<Void> arrived = new CompletableFuture<>();
            arrived.orTimeout(patience, TimeUnit.MILLISECONDS).exceptionally(timeout -> giveUp());
            try {
                return super.read(bytes, from, length);
            } catch (IOException e) {
                String reason =
                        arrived.isCompletedExceptionally() ? "no data for " + patience / 1000.0 + " s" : e.getMessage();
                throw new Unreachable(uri + ": the connection broke: " + reason, e);
            } finally {
                arrived.complete(null);
            }
        }

        private Void giveUp() {
            try {
                close();
            } catch (IOException e) {
                // The reader gets its own error.
            }
            return null;
        }
    }
}
