package org.bybert.job.embed;

import java.io.IOException;
import org.apache.hadoop.fs.FSError;
import org.apache.spark.SparkThrowable;
import org.bybert.encoder.error.ModelException;
import org.bybert.job.UserError;

/** Turns what Spark throws when files cannot be read or written into one line for the person who can mend it. */
final class SparkFailure {

    private SparkFailure() {
    }

    static RuntimeException explained(Throwable thrown, EmbedOptions options) {
        String unreadable = null;
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof ModelException || t instanceof UserError) {
                return unchecked(thrown);
            }
            if (t instanceof SparkThrowable known
                    && String.valueOf(known.getCondition()).startsWith("FAILED_READ_FILE")) {
                unreadable = firstLine(t);
            }
            if (unreadable == null && (t instanceof IOException || t instanceof FSError)) {
                return new UserError("--output: " + options.output() + " cannot be written: " + firstLine(t)
                        + (options.columns().id() == null ? "" : "; when that is mended, --resume continues"), thrown);
            }
        }
        return unreadable == null ? unchecked(thrown)
                : new UserError(options.input().label() + ": " + options.input().path() + " cannot be read: "
                        + unreadable, thrown);
    }

    private static RuntimeException unchecked(Throwable thrown) {
        return thrown instanceof RuntimeException runtime ? runtime : new IllegalStateException(thrown);
    }

    private static String firstLine(Throwable t) {
        return String.valueOf(t.getMessage()).lines().findFirst().orElse(t.toString());
    }
}
