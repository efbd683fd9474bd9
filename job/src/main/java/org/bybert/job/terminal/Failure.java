package org.bybert.job.terminal;

import java.io.IOException;
import java.io.PrintWriter;
import org.apache.hadoop.fs.FSError;
import org.apache.spark.SparkThrowable;
import org.bybert.encoder.error.ModelException;
import picocli.CommandLine;

/** Finds, in what Spark and Hadoop throw, the error that a person can act on. */
public final class Failure {

    private Failure() {}

    /**
     * Prints that error, or all there is.
     *
     * @return exit code of the process
     */
    public static int report(Throwable thrown, PrintWriter err) {
        Throwable known = known(thrown);
        err.println("bybert: " + (known == null ? "unexpected error: " + thrown : known.getMessage()));
        if (known == null) {
            thrown.printStackTrace(err);
        }
        err.flush();
        return known instanceof UserError error ? error.exit() : CommandLine.ExitCode.SOFTWARE;
    }

    private static Throwable known(Throwable thrown) {
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof ModelException || t instanceof UserError) {
                return t;
            }
        }
        return null;
    }

    /**
     * What a job threw that reads and writes files, as one line where it was the files.
     *
     * @param input  how messages begin that name the input
     * @param output how messages begin that name the output
     * @param remedy what can be done when the output can be written again, or an empty string
     */
    public static RuntimeException ofFiles(Throwable thrown, String input, String output, String remedy) {
        String unreadable = null;
        for (Throwable t = thrown; t != null && known(thrown) == null; t = t.getCause()) {
            if (t instanceof SparkThrowable spark
                    && String.valueOf(spark.getCondition()).startsWith("FAILED_READ_FILE")) {
                unreadable = firstLine(t);
            }
            if (unreadable == null && (t instanceof IOException || t instanceof FSError)) {
                return new UserError(output + " cannot be written: " + firstLine(t) + remedy, thrown);
            }
        }
        if (unreadable != null) {
            return new UserError(input + " cannot be read: " + unreadable, thrown);
        }
        return thrown instanceof RuntimeException runtime ? runtime : new IllegalStateException(thrown);
    }

    /** Spark's messages go on for a page. */
    public static String firstLine(Throwable t) {
        return String.valueOf(t.getMessage()).lines().findFirst().orElse(t.toString());
    }
}
