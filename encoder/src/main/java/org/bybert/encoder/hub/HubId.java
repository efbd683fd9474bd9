package org.bybert.encoder.hub;

import java.io.Serializable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bybert.encoder.error.ModelException;

/**
 * A model of the Hugging Face hub, {@code org/name} or {@code org/name@revision}.
 *
 * @param revision branch, tag or commit
 */
public record HubId(String org, String name, String revision) implements Serializable {

    public static final String MAIN = "main";

    private static final String PART = "(?![^/@]*(?:\\.\\.|--))[A-Za-z0-9](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?";
    private static final Pattern PATTERN = Pattern.compile("(" + PART + ")/(" + PART + ")(?:@("
            + "(?!.*(?:\\.\\.|//|\\.lock$))[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,198}[A-Za-z0-9._-])?))?");
    private static final Pattern PAGE = Pattern.compile("(?i)(?:(?:(?:(?:https?|ssh|git)://)?(?:git@)?(?:www\\.)?"
            + "(?:huggingface\\.co|hf\\.co)[/:]|hf://|(?:https?|ssh|git)://(?<host>[^/?#@]*)/)(?:api/)?(?:models/)?)"
            + "(?<id>[^/?#@]+/[^/?#@]+?|[^/]*)(?:\\.git)?"
            + "(?:(?:@|/(?:tree|blob|resolve|raw|commit)/)(?<revision>[^/?#]+))?(?:[/?#].*)?");
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

    public HubId {
        match(org + "/" + name + "@" + revision);
    }

    /** @throws ModelException where the text is no such name; nothing in it can lead out of the cache folder */
    public static HubId parse(String text) {
        Matcher matcher = match(text);
        return new HubId(matcher.group(1), matcher.group(2), matcher.group(3) == null ? MAIN : matcher.group(3));
    }

    public static boolean matches(String text) {
        return PATTERN.matcher(text).matches();
    }

    /**
     * What to do about an address of the web that somebody gives as a model, as it is copied from the hub's pages; null
     * for what is none.
     */
    public static String adviceFor(String text) {
        Matcher page = PAGE.matcher(text);
        if (!page.matches()) {
            return null;
        }
        String revision = page.group("revision");
        String id = page.group("id") + (revision == null || revision.equals(MAIN) ? "" : "@" + revision);
        String host = page.group("host");
        return "an address of the web, not of a folder; "
                + (!matches(id)
                        ? "name an id of the hub (ORG/NAME), or the folder that the model was downloaded to"
                        : "name the model by its id, " + id
                                + (host == null
                                        ? ""
                                        : " (with HF_ENDPOINT=https://" + host + " if that is a hub of its own)"));
    }

    private static Matcher match(String text) {
        Matcher matcher = PATTERN.matcher(text);
        if (!matcher.matches()) {
            throw new ModelException(text + ": not the name of a model: expected ORG/NAME or ORG/NAME@REVISION, in "
                    + "letters, digits, '.', '_' and '-'");
        }
        return matcher;
    }

    static boolean isCommit(String revision) {
        return COMMIT.matcher(revision).matches();
    }

    /** Whether the revision is a commit, which never changes. */
    public boolean isPinned() {
        return isCommit(revision);
    }

    public HubId at(String commit) {
        return new HubId(org, name, commit);
    }

    /** {@code org/name}. */
    public String repository() {
        return org + "/" + name;
    }

    @Override
    public String toString() {
        return revision.equals(MAIN) ? repository() : repository() + "@" + revision;
    }
}
