package org.bybert.job;

import org.bybert.encoder.error.ModelException;
import picocli.CommandLine;

/** Finds, in what Spark throws, the error that a person can act on. */
final class Failure {

    private Failure() {
    }

    static String explain(Throwable thrown) {
        Throwable known = known(thrown);
        return known == null ? "unexpected error: " + thrown : known.getMessage();
    }

    static boolean isUnexpected(Throwable thrown) {
        return known(thrown) == null;
    }

    static int exit(Throwable thrown) {
        return known(thrown) instanceof UserError error ? error.exit() : CommandLine.ExitCode.SOFTWARE;
    }

    private static Throwable known(Throwable thrown) {
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof ModelException || t instanceof UserError) {
                return t;
            }
        }
        return null;
    }
}
