package org.bybert.encoder.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.bybert.encoder.error.ModelException;

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
    private final HttpClient client;

    HubHttp(HubSettings settings) {
        this.settings = settings;
        HttpClient.Builder builder = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER).connectTimeout(settings.patience());
        Proxies proxies = settings.proxies();
        if (proxies.servers().values().stream().anyMatch(server -> server.authorization() != null)
                && System.getProperty(TUNNEL_SCHEMES) == null) {
            // The JDK tells a proxy no password for HTTPS otherwise; read once, by the first client of this JVM.
            System.setProperty(TUNNEL_SCHEMES, "");
        }
        // Without the variables as the JVM's own properties have it.
        this.client = (proxies.servers().isEmpty() ? builder : builder.proxy(proxies.selector())).build();
    }

    URI uri(String path) {
        return URI.create(settings.endpoint() + path);
    }

    HttpResponse<InputStream> get(URI uri, long from) throws IOException {
        return send("GET", uri, from);
    }

    /** The headers of a file; those of the redirect where it describes the file that it leads to. */
    HttpResponse<InputStream> head(URI uri) throws IOException {
        return send("HEAD", uri, 0);
    }

    /**
     * @param from first byte wanted
     * @throws IOException where there is no answer, or one that promises a better one later
     */
    private HttpResponse<InputStream> send(String method, URI start, long from) throws IOException {
        URI uri = start;
        for (int hop = 0; hop <= REDIRECTS; hop++) {
            HttpResponse<InputStream> response = exchange(request(method, uri, from));
            int status = response.statusCode();
            boolean described = method.equals("HEAD") && response.headers().firstValue(LINKED_ETAG).isPresent();
            if (!REDIRECT.contains(status) || described) {
                if (status >= 500 || status == 429 || status == 408) {
                    response.body().close();
                    throw new IOException(uri.getScheme() + "://" + uri.getAuthority() + " answers HTTP " + status);
                }
                return response;
            }
            response.body().close();
            uri = target(uri, response);
        }
        throw new ModelException(start + ": more than " + REDIRECTS + " redirects");
    }

    private static URI target(URI from, HttpResponse<?> response) {
        String location = response.headers().firstValue("Location").orElse("");
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

    private HttpRequest request(String method, URI uri, long from) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody())
                .header("User-Agent", "bybert");
        if (from > 0) {
            request.header("Range", "bytes=" + from + "-");
        }
        if (settings.token() != null && isEndpoint(uri)) {
            request.header("Authorization", "Bearer " + settings.token());
        }
        Proxies.Server proxy = settings.proxies().of(uri);
        if (proxy != null && proxy.authorization() != null) {
            request.header("Proxy-Authorization", proxy.authorization());
        }
        return request.build();
    }

    private boolean isEndpoint(URI uri) {
        URI endpoint = settings.endpoint();
        return uri.getScheme().equalsIgnoreCase(endpoint.getScheme())
                && uri.getAuthority().equalsIgnoreCase(endpoint.getAuthority());
    }

    private HttpResponse<InputStream> exchange(HttpRequest request) throws IOException {
        Proxies.Server proxy = settings.proxies().of(request.uri());
        String host = request.uri().getScheme() + "://" + request.uri().getAuthority()
                + (proxy == null ? "" : " by the proxy " + proxy);
        // Not the request's own timeout, which newer JDKs apply to the body too.
        CompletableFuture<HttpResponse<InputStream>> answer = client.sendAsync(request, BodyHandlers.ofInputStream());
        try {
            return answer.get(settings.patience().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw new IOException(host + " gave no answer within " + settings.patience().toSeconds() + " s", e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            String reason = cause instanceof ConnectException && cause.getMessage() == null
                    ? "no connection" : cause.toString();
            throw new IOException(host + ": " + reason, cause);
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new ModelException("interrupted while waiting for " + host, e);
        }
    }
}
