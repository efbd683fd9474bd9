package org.bybert.encoder.hub;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import org.bybert.encoder.error.ModelException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the hub and its cache are, from the environment variables of Hugging Face's own tools.
 *
 * @param endpoint {@code HF_ENDPOINT}
 * @param token    {@code HF_TOKEN}, else {@code HUGGING_FACE_HUB_TOKEN}, else what {@code hf auth login} has written to
 *                 {@code HF_TOKEN_PATH} or {@code HF_HOME/token}, or null
 * @param cache    {@code HF_HUB_CACHE}, else {@code HF_HOME/hub}; {@code HF_HOME} is {@code XDG_CACHE_HOME/huggingface}
 *                 where it is not set, and {@code ~/.cache/huggingface} where neither is
 * @param offline  {@code HF_HUB_OFFLINE}, else {@code TRANSFORMERS_OFFLINE}: the cache alone is used
 * @param proxies  {@code HTTPS_PROXY} and its like
 * @param pause    time before the first retry; doubles with each further one
 * @param patience longest wait for an answer, or for its next byte
 */
public record HubSettings(
        URI endpoint, String token, Path cache, boolean offline, Proxies proxies, Duration pause, Duration patience) {

    /** The variables that are no secret: a driver may pass them on. */
    public static final List<String> PUBLIC = List.of(
            "HF_ENDPOINT", "HF_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE");

    private static final Logger LOG = LoggerFactory.getLogger(HubSettings.class);
    private static final String ENDPOINT = "https://huggingface.co";

    public static HubSettings of(Map<String, String> environment) {
        Path caches = path(environment, "XDG_CACHE_HOME", Path.of(System.getProperty("user.home"), ".cache"));
        Path home = path(environment, "HF_HOME", caches.resolve("huggingface"));
        String offline = value(environment, "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE");
        return new HubSettings(
                endpoint(environment),
                token(environment, home),
                path(environment, "HF_HUB_CACHE", home.resolve("hub")),
                offline != null && List.of("1", "true", "yes", "on").contains(offline.toLowerCase(Locale.ROOT)),
                Proxies.of(environment),
                Duration.ofSeconds(1),
                Duration.ofSeconds(60));
    }

    /** Without the token, which must not be logged. */
    @Override
    public String toString() {
        return endpoint + " with cache " + cache + (offline ? ", offline" : "");
    }

    private static URI endpoint(Map<String, String> environment) {
        String text = value(environment, "HF_ENDPOINT");
        if (text == null) {
            return URI.create(ENDPOINT);
        }
        String trimmed = text.replaceAll("/+$", "");
        if (!trimmed.matches("https?://[A-Za-z0-9.\\[\\]:_-]+(/[A-Za-z0-9._~/-]*)?")) {
            throw new ModelException("HF_ENDPOINT: expected a URL like " + ENDPOINT + ", found " + text);
        }
        return URI.create(trimmed);
    }

    private static String token(Map<String, String> environment, Path home) {
        String source = value(environment, "HF_TOKEN") == null ? "HUGGING_FACE_HUB_TOKEN" : "HF_TOKEN";
        String token = value(environment, source);
        if (token == null) {
            Path file = path(environment, "HF_TOKEN_PATH", home.resolve("token"));
            source = file.toString();
            token = written(file);
        }
        if (token != null && !token.matches("[!-~]+")) {
            throw new ModelException(source + ": holds characters that no token has; set it anew, or unset it");
        }
        return token;
    }

    /** Null where there is nothing that this user can read: public models need no token. */
    private static String written(Path file) {
        try {
            String token = Files.exists(file) ? Files.readString(file).strip() : "";
            return token.isEmpty() ? null : token;
        } catch (IOException e) {
            LOG.warn("{}: the token cannot be read: {}; going on without one", file, e.toString());
            return null;
        }
    }

    private static Path path(Map<String, String> environment, String name, Path otherwise) {
        String text = value(environment, name);
        return (text == null
                        ? otherwise
                        : Path.of(text.replaceFirst(
                                "^~(?=/|$)", Matcher.quoteReplacement(System.getProperty("user.home")))))
                .toAbsolutePath();
    }

    /** Of the first variable that has one. */
    private static String value(Map<String, String> environment, String... names) {
        return Arrays.stream(names)
                .map(environment::get)
                .filter(value -> value != null && !value.isBlank())
                .map(String::strip)
                .findFirst()
                .orElse(null);
    }
}
