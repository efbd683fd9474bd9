package org.bybert.encoder;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.util.jar.Attributes;

/**
 * Which build this is.
 *
 * @param number of the release; null where the program does not run from a jar
 * @param commit abbreviated; null where the jar does not tell
 * @param dirty  whether there were changes that are not in the commit
 */
public record Version(String number, String commit, boolean dirty) {

    private static final Attributes.Name COMMIT = new Attributes.Name("Git-Commit");
    private static final String DIRTY = "-dirty";
    private static final int ABBREVIATED = 12;

    private static final Version CURRENT = of(manifest());

    /** Of the program that runs. */
    public static Version current() {
        return CURRENT;
    }

    /**
     * What {@code Implementation-Version} and {@code Git-Commit} say; the commit ends in {@code -dirty} where there
     * were other changes.
     *
     * @param manifest main attributes of the jar's manifest, or null where there is no jar
     */
    public static Version of(Attributes manifest) {
        if (manifest == null) {
            return new Version(null, null, false);
        }
        String number = manifest.getValue(Attributes.Name.IMPLEMENTATION_VERSION);
        String commit = manifest.getValue(COMMIT);
        if (commit == null || !commit.matches("[0-9a-f]{7,}(" + DIRTY + ")?")) {
            return new Version(number, null, false);
        }
        boolean dirty = commit.endsWith(DIRTY);
        String hash = commit.replace(DIRTY, "");
        return new Version(number, hash.substring(0, Math.min(ABBREVIATED, hash.length())), dirty);
    }

    private static Attributes manifest() {
        try {
            return Version.class.getResource("Version.class").openConnection() instanceof JarURLConnection jar
                    ? jar.getManifest().getMainAttributes()
                    : null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether two programs of this version are the same. */
    public boolean isExact() {
        return commit != null && !dirty;
    }

    /** For example {@code 0.2.0 (commit 0123456789ab)}. */
    @Override
    public String toString() {
        String known = commit == null ? "commit unknown" : "commit " + commit;
        return (number == null ? "development" : number) + " (" + known + (dirty ? ", with other changes)" : ")");
    }
}
