package org.bybert.encoder.hub;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.bybert.encoder.checkpoint.Json;
import org.bybert.encoder.error.ModelException;
import org.bybert.encoder.hub.Retry.Unreachable;

/** What the hub tells about a model: its commit, its files. */
final class HubApi {

    /** Far more than the description of any model takes. */
    private static final int MAX_JSON = 16 << 20;

    private final HubSettings settings;
    private final HubHttp http;
    private final HubErrors errors;

    HubApi(HubSettings settings, HubHttp http, HubErrors errors) {
        this.settings = settings;
        this.http = http;
        this.errors = errors;
    }

    /**
     * A file on the hub.
     *
     * @param etag SHA-256 of a large file, Git's blob id of a small one; its name among the cache's blobs
     * @param size in bytes, or -1 where the server does not tell
     */
    record RemoteFile(String name, String etag, long size) {

        boolean isSha256() {
            return etag.matches("[0-9a-f]{64}");
        }

        boolean isGitBlob() {
            return etag.matches("[0-9a-f]{40}");
        }
    }

    /** @param commit what the revision stands for now */
    record Revision(String commit, Set<String> files) {
    }

    /**
     * @throws ModelException where the hub knows no such model or revision, or does not show it to this user
     * @throws Unreachable    where the hub cannot be asked
     */
    Revision revision(HubId id) throws Unreachable {
        URI uri = http.uri("/api/models/" + id.repository() + "/revision/" + encode(id.revision()));
        JsonNode json = Retry.run(settings.pause(), () -> {
            HttpResponse<InputStream> response = http.get(uri, 0);
            try (InputStream body = new PatientStream(response.body(), settings.patience())) {
                if (response.statusCode() != 200) {
                    throw errors.of(id, response);
                }
                return Json.parseObject(body.readNBytes(MAX_JSON), uri.toString());
            }
        });
        String commit = json.path("sha").asText();
        if (!HubId.isCommit(commit)) {
            throw new ModelException(uri + ": expected a commit in \"sha\", found '" + commit + "'");
        }
        Set<String> files = new TreeSet<>();
        json.path("siblings").forEach(file -> files.add(file.path("rfilename").asText()));
        return new Revision(commit, files);
    }

    URI file(HubId id, String name) {
        return http.uri("/" + id.repository() + "/resolve/" + encode(id.revision()) + "/" + encode(name));
    }

    /** @param id with a commit for its revision */
    RemoteFile describe(HubId id, String name) throws Unreachable {
        URI uri = file(id, name);
        HttpResponse<InputStream> response = Retry.run(settings.pause(), () -> {
            HttpResponse<InputStream> headers = http.head(uri);
            headers.body().close();
            return headers;
        });
        if (response.statusCode() >= 400) {
            throw errors.of(id, response);
        }
        HttpHeaders headers = response.headers();
        String etag = headers.firstValue(HubHttp.LINKED_ETAG).or(() -> headers.firstValue("ETag")).orElse("")
                .replaceFirst("^W/", "").replace("\"", "");
        if (!etag.matches("[A-Za-z0-9][A-Za-z0-9_-]{7,127}")) {
            throw new ModelException(uri + ": expected the file's hash in X-Linked-ETag or ETag, found '" + etag + "'");
        }
        OptionalLong linked = headers.firstValueAsLong("X-Linked-Size");
        // The length of a redirect is its own.
        long size = response.statusCode() == 200 ? headers.firstValueAsLong("Content-Length").orElse(-1) : -1;
        return new RemoteFile(name, etag, linked.orElse(size));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
