package org.bybert.encoder.hub;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.bybert.encoder.checkpoint.Json;
import org.bybert.encoder.checkpoint.Presets;
import org.bybert.encoder.error.ModelException;
import org.bybert.encoder.hub.HubHttp.Answer;
import org.bybert.encoder.hub.Retry.Unreachable;

/** What the hub tells about a model: its commit and files, or why it tells nothing and what the user can do then. */
record HubApi(HubSettings settings, HubCache cache, HubHttp http) {

    /** Far more than the description of any model takes. */
    private static final int MAX_JSON = 16 << 20;

    private static final int MOST_NAMES = 4;

    HubApi(HubSettings settings) {
        this(settings, new HubCache(settings.cache()), new HubHttp(settings));
    }

    /**
     * A file on the hub.
     *
     * @param id   with a commit for its revision
     * @param etag SHA-256 of a large file, Git's blob id of a small one; its name among the cache's blobs
     * @param size in bytes, or -1 where the server does not tell
     */
    record RemoteFile(HubId id, String name, URI uri, String etag, long size) {}

    /** @param commit what the revision stands for now */
    record Revision(String commit, Set<String> files) {}

    Retry retry() {
        return new Retry(settings.pause());
    }

    /**
     * @throws ModelException where the hub knows no such model or revision, or does not show it to this user
     * @throws Unreachable    where the hub cannot be asked
     */
    Revision revision(HubId id) throws IOException {
        URI uri = uri("/api/models/" + id.repository() + "/revision/", id.revision());
        JsonNode json = retry().run(() -> {
            try (Answer answer = http.send("GET", uri, 0)) {
                if (answer.status() != 200) {
                    throw refused(id, answer);
                }
                return Json.parseObject(answer.body().readNBytes(MAX_JSON), uri.toString());
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

    /**
     * @param id with a commit for its revision
     * @throws Unreachable where the hub cannot be asked
     */
    RemoteFile describe(HubId id, String name) throws IOException {
        URI uri = uri("/" + id.repository() + "/resolve/", id.revision(), name);
        try (Answer answer = retry().run(() -> http.send("HEAD", uri, 0))) {
            if (answer.status() >= 400) {
                throw refused(id, answer);
            }
            String linked = answer.header(HubHttp.LINKED_ETAG);
            String etag = (linked.isEmpty() ? answer.header("ETag") : linked)
                    .replaceFirst("^W/", "")
                    .replace("\"", "");
            if (!etag.matches("[A-Za-z0-9][A-Za-z0-9_-]{7,127}")) {
                throw new ModelException(
                        uri + ": expected the file's hash in X-Linked-ETag or ETag, found '" + etag + "'");
            }
            // The length of a redirect is its own.
            long size = answer.status() == 200
                    ? answer.headers().firstValueAsLong("Content-Length").orElse(-1)
                    : -1;
            return new RemoteFile(
                    id,
                    name,
                    uri,
                    etag,
                    answer.headers().firstValueAsLong("X-Linked-Size").orElse(size));
        }
    }

    /**
     * The bytes of a file from one of them on, or all of them where the server cannot do that.
     *
     * @throws Unreachable where they do not come now
     */
    Answer open(RemoteFile file, long from) throws IOException {
        Answer answer = http.send("GET", file.uri(), from);
        if (Set.of(200, 206, 416).contains(answer.status())) {
            return answer;
        }
        answer.close();
        throw refused(file.id(), answer);
    }

    private URI uri(String path, String... parts) {
        return URI.create(settings.endpoint()
                + path
                + String.join(
                        "/",
                        Arrays.stream(parts)
                                .map(part -> URLEncoder.encode(part, StandardCharsets.UTF_8)
                                        .replace("+", "%20"))
                                .toList()));
    }

    private ModelException refused(HubId id, Answer answer) {
        String code = answer.header("X-Error-Code");
        String told = " (" + settings.endpoint() + " answers HTTP " + answer.status() + ")";
        if (code.equals("GatedRepo")) {
            return new ModelException(id + ": gated" + told + "; accept its terms at " + settings.endpoint() + "/"
                    + id.repository() + " and set HF_TOKEN to a token of that account");
        }
        return new ModelException(
                switch (answer.status()) {
                    // The hub does not tell strangers whether a private model exists.
                    case 401 ->
                        settings.token() == null
                                ? id + ": no such model, or a private one" + told + near(id)
                                        + "; for a private one set HF_TOKEN"
                                : id + ": the token of hf auth login or HF_TOKEN is not accepted" + told
                                        + "; set a valid one, or unset it";
                    case 403 -> id + ": access denied" + told + "; set HF_TOKEN to a token that may read this model";
                    case 404 ->
                        switch (code) {
                            case "RevisionNotFound" ->
                                id.repository() + ": revision " + id.revision() + " not found" + told
                                        + "; name a branch, a tag or a whole commit hash";
                            case "EntryNotFound" -> id + ": a file that the hub lists is not there" + told;
                            default ->
                                id + ": no such model" + (id.revision().equals(HubId.MAIN) ? "" : " or revision") + told
                                        + ", and no such folder here" + near(id);
                        };
                    case 407 ->
                        id + ": the proxy wants a user and a password, or others" + told + "; give them as in "
                                + "HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT, and to a JVM that refuses to pass them on -D"
                                + HubHttp.TUNNEL_SCHEMES + "=";
                    default -> id + ": unexpected answer" + told;
                });
    }

    /** The nearest of the released models and the cached ones; another name that is the same is none. */
    private String near(HubId id) {
        String name = id.repository();
        TreeSet<String> candidates = new TreeSet<>(cache.repositories());
        Presets released = Presets.packed();
        released.names().forEach(preset -> candidates.add(released.of(preset).hubId()));
        candidates.remove(name);
        List<String> names = candidates.stream()
                .filter(candidate -> distance(name, candidate) <= Math.max(3, name.length() / 3))
                .sorted(Comparator.comparingInt(candidate -> distance(name, candidate)))
                .limit(MOST_NAMES)
                .toList();
        return names.isEmpty() ? "; check the name" : "; did you mean " + String.join(" or ", names) + "?";
    }

    /** Levenshtein's distance, regardless of case. */
    private static int distance(String left, String right) {
        String a = left.toLowerCase(Locale.ROOT);
        String b = right.toLowerCase(Locale.ROOT);
        int[] row = new int[b.length() + 1];
        Arrays.setAll(row, j -> j);
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
