package org.bybert.encoder.hub;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bybert.encoder.error.ModelException;

/**
 * Where the hub and its cache are, from the environment variables of Hugging Face's own tools.
 *
 * @param endpoint {@code HF_ENDPOINT}
 * @param token    {@code HF_TOKEN}, or null
 * @param cache    {@code HF_HUB_CACHE}, else {@code HF_HOME/hub}, else {@code ~/.cache/huggingface/hub}
 * @param offline  {@code HF_HUB_OFFLINE}: the cache alone is used
 * @param pause    time before the first retry; doubles with each further one
 * @param patience longest wait for an answer, or for its next byte
 */
public record HubSettings(URI endpoint, String token, Path cache, boolean offline, Duration pause,
                          Duration patience) {

    /** The variables that are no secret: a driver may pass them on. */
    public static final List<String> PUBLIC = List.of("HF_ENDPOINT", "HF_HUB_CACHE", "HF_HOME", "HF_HUB_OFFLINE");

    private static final String ENDPOINT = "https://huggingface.co";
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    public static HubSettings of(Map<String, String> environment) {
        return new HubSettings(endpoint(environment), token(environment), cache(environment),
                isOn(value(environment, "HF_HUB_OFFLINE")), PAUSE, PATIENCE);
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

    private static String token(Map<String, String> environment) {
        String token = value(environment, "HF_TOKEN");
        if (token != null && !token.matches("[!-~]+")) {
            throw new ModelException("HF_TOKEN: holds characters that no token has; set it anew, or unset it");
        }
        return token;
    }

    private static Path cache(Map<String, String> environment) {
        String cache = value(environment, "HF_HUB_CACHE");
        if (cache != null) {
            return path(cache);
        }
        String home = value(environment, "HF_HOME");
        if (home != null) {
            return path(home).resolve("hub");
        }
        String caches = value(environment, "XDG_CACHE_HOME");
        return (caches == null ? path("~/.cache") : path(caches)).resolve("huggingface").resolve("hub");
    }

    private static Path path(String text) {
        return Path.of(text.replaceFirst("^~(?=/|$)", System.getProperty("user.home").replace("\\", "\\\\")))
                .toAbsolutePath();
    }

    private static String value(Map<String, String> environment, String name) {
        String value = environment.get(name);
        return value == null || value.isBlank() ? null : value.strip();
    }

    private static boolean isOn(String value) {
        return value != null && List.of("1", "true", "yes", "on").contains(value.toLowerCase(Locale.ROOT));
    }
}
