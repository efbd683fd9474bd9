package org.bybert.job.terminal;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.fs.FSError;
import org.apache.spark.SparkThrowable;
import org.bybert.encoder.error.ModelException;
import picocli.CommandLine;

/** Finds, in what Spark and Hadoop throw, the error that a person can act on. */
public final class Failure {

    private Failure() {}

    /**
     * Prints that error as the last line; the traces of one that nobody expected go to a file.
     *
     * @param verbose whether traces are printed instead, before the error
     * @return exit code of the process
     */
    public static int report(Throwable thrown, PrintWriter err, boolean verbose) {
        Throwable known = known(thrown);
        int exit = known instanceof UserError error ? error.exit() : CommandLine.ExitCode.SOFTWARE;
        if (Interruption.isEnding()) {
            return exit;
        }
        Path log = known == null && !verbose ? log(thrown) : null;
        if (verbose || known == null && log == null) {
            thrown.printStackTrace(err);
        }
        err.println("bybert: "
                + (known != null
                        ? known.getMessage()
                        : "unexpected error: " + cause(thrown)
                                + (log == null ? "" : "; traces are in " + log + ", --verbose shows them")));
        err.flush();
        return exit;
    }

    /** What all the others were thrown for, as one line. */
    private static String cause(Throwable thrown) {
        Throwable root = thrown;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getClass().getSimpleName() + ": " + firstLine(root);
    }

    /** Null where it cannot be written. */
    private static Path log(Throwable thrown) {
        try {
            Path log = Files.createTempFile("bybert-", ".log");
            try (PrintWriter traces = new PrintWriter(Files.newBufferedWriter(log))) {
                thrown.printStackTrace(traces);
            }
            return log;
        } catch (IOException e) {
            return null;
        }
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
