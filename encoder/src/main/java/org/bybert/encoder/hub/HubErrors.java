package org.bybert.encoder.hub;

import java.net.http.HttpResponse;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.bybert.encoder.error.ModelException;

/** From the hub's refusals to what the user can do about them. */
final class HubErrors {

    private static final List<String> RELEASED = List.of("tohoku-nlp/bybert-jp-100m", "tohoku-nlp/bybert-jp-200m",
            "tohoku-nlp/bybert-jp-400m", "tohoku-nlp/bybert-jp-v2-100m");
    private static final int MOST_NAMES = 4;

    private final HubSettings settings;
    private final HubCache cache;

    HubErrors(HubSettings settings, HubCache cache) {
        this.settings = settings;
        this.cache = cache;
    }

    ModelException of(HubId id, HttpResponse<?> response) {
        int status = response.statusCode();
        String code = response.headers().firstValue("X-Error-Code").orElse("");
        String answer = " (" + settings.endpoint() + " answers HTTP " + status + ")";
        if (code.equals("GatedRepo")) {
            return new ModelException(id + ": gated" + answer + "; accept its terms at " + settings.endpoint() + "/"
                    + id.repository() + " and set HF_TOKEN to a token of that account");
        }
        return new ModelException(switch (status) {
            // The hub does not tell strangers whether a private model exists.
            case 401 -> settings.token() == null
                    ? id + ": no such model, or a private one" + answer + near(id) + "; for a private one set HF_TOKEN"
                    : id + ": the token of hf auth login or HF_TOKEN is not accepted" + answer
                            + "; set a valid one, or unset it";
            case 403 -> id + ": access denied" + answer + "; set HF_TOKEN to a token that may read this model";
            case 404 -> switch (code) {
                case "RevisionNotFound" -> id.repository() + ": revision " + id.revision() + " not found" + answer
                        + "; name a branch, a tag or a whole commit hash";
                case "EntryNotFound" -> id + ": a file that the hub lists is not there" + answer;
                default -> id + ": no such model" + (id.revision().equals(HubId.MAIN) ? "" : " or revision") + answer
                        + ", and no such folder here" + near(id);
            };
            case 407 -> id + ": the proxy wants a user and a password, or others" + answer + "; give them as in "
                    + "HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT, and to a JVM that refuses to pass them on -D"
                    + HubHttp.TUNNEL_SCHEMES + "=";
            default -> id + ": unexpected answer" + answer;
        });
    }

    private String near(HubId id) {
        List<String> names = nearest(id.repository(), cache.repositories());
        return names.isEmpty() ? "; check the name" : "; did you mean " + String.join(" or ", names) + "?";
    }

    /** Of the released models and the cached ones, nearest first; another name that is the same is none. */
    private static List<String> nearest(String name, Collection<String> cached) {
        TreeSet<String> candidates = new TreeSet<>(cached);
        candidates.addAll(RELEASED);
        candidates.remove(name);
        int limit = Math.max(3, name.length() / 3);
        return candidates.stream().filter(candidate -> distance(name, candidate) <= limit)
                .sorted(Comparator.comparingInt(candidate -> distance(name, candidate))).limit(MOST_NAMES).toList();
    }

    /** Levenshtein's distance, regardless of case. */
    private static int distance(String left, String right) {
        String a = left.toLowerCase(Locale.ROOT);
        String b = right.toLowerCase(Locale.ROOT);
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
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
