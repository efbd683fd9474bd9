package org.bybert.encoder.hub;

import java.net.http.HttpResponse;
import java.util.List;
import org.bybert.encoder.error.ModelException;

/** From the hub's refusals to what the user can do about them. */
final class HubErrors {

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
                    : id + ": the token of hf auth login or HF_TOKEN is not accepted" + answer + "; set a valid one, or unset it";
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
        List<String> names = NearNames.of(id.repository(), cache.repositories());
        return names.isEmpty() ? "; check the name" : "; did you mean " + String.join(" or ", names) + "?";
    }
}
