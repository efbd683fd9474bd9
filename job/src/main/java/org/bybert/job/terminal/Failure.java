package org.bybert.job.terminal;

import java.io.EOFException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FSError;
import org.apache.spark.SparkThrowable;
import org.bybert.encoder.error.ModelException;
import org.bybert.udf.source.Stores;
import picocli.CommandLine;

/** Finds, in what Spark and Hadoop throw, the error that a person can act on. */
public final class Failure {

    /** What an expression may say of a value, where Spark is in ANSI mode. */
    private static final Set<String> VALUES = Set.of(
            "CAST_INVALID_INPUT",
            "CAST_OVERFLOW",
            "DIVIDE_BY_ZERO",
            "ARITHMETIC_OVERFLOW",
            "INVALID_ARRAY_INDEX",
            "INVALID_ARRAY_INDEX_IN_ELEMENT_AT",
            "USER_RAISED_EXCEPTION");

    /** Of a process whose heap was too small, as Spark has it. */
    public static final int OUT_OF_MEMORY = 52;

    /** What to set where memory runs out. */
    public static final String MORE_MEMORY = "give it more with --driver-memory (master local[*]; a heap now holds "
            + (Runtime.getRuntime().maxMemory() >> 20) + " MB here) or --executor-memory (on a cluster), or run fewer "
            + "tasks at once with --master 'local[1]' or --executor-cores 1";

    /** What Spark and its cluster managers say of a process that is gone. */
    private static final Pattern LOST_FOR_MEMORY = Pattern.compile("java\\.lang\\.OutOfMemoryError"
            + "|SparkOutOfMemoryError|UNABLE_TO_ACQUIRE_MEMORY"
            + "|(?i:exit(?:ed with)?(?: exit)? (?:code|status):? 52\\b)|OOMKilled"
            + "|Container killed by YARN for exceeding|running beyond (?:physical|virtual) memory limits");

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
            if (t instanceof OutOfMemoryError) {
                return outOfMemory(t.getClass().getSimpleName() + ": " + firstLine(t), thrown);
            }
        }
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof ModelException || t instanceof UserError) {
                return t;
            }
        }
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            Optional<String> lost = !(t instanceof SparkThrowable)
                    ? Optional.empty()
                    : String.valueOf(t.getMessage())
                            .lines()
                            .filter(line -> LOST_FOR_MEMORY.matcher(line).find())
                            .findFirst();
            if (lost.isPresent()) {
                // Which task it was comes before why.
                return outOfMemory(lost.get().replaceFirst(".*\\): ", ""), thrown);
            }
        }
        return null;
    }

    /** Memory that ran out here or in an executor, whatever was thrown for it. */
    private static UserError outOfMemory(String found, Throwable thrown) {
        return new UserError(OUT_OF_MEMORY, "out of memory: " + found + "; " + MORE_MEMORY, thrown);
    }

    /**
     * What a job threw that reads and writes files, as one line where it was the files.
     *
     * @param input  how messages begin that name the input
     * @param output how messages begin that name the output
     * @param remedy what can be done when the output can be written again, or an empty string
     */
    public static RuntimeException ofFiles(Throwable thrown, String input, String output, String remedy) {
        RuntimeException unreadable = ofReading(thrown, input + " cannot be read: ");
        if (unreadable != null) {
            return unreadable;
        }
        String advice = Stores.advice(thrown);
        if (advice != null) {
            return new UserError(output + " cannot be written: " + advice, thrown);
        }
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof IOException || t instanceof FSError) {
                return new UserError(output + " cannot be written: " + firstLine(t) + remedy, thrown);
            }
        }
        return thrown instanceof RuntimeException runtime ? runtime : new IllegalStateException(thrown);
    }

    /**
     * What a job threw that reads, as one line: what a person can act on, or Spark's word about a file or a value; null
     * where it is something else.
     *
     * @param beginning of the message that has Spark's word
     */
    public static RuntimeException ofReading(Throwable thrown, String beginning) {
        Throwable known = known(thrown);
        if (known != null) {
            return thrown instanceof RuntimeException runtime ? runtime : (RuntimeException) known;
        }
        String file = null;
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            String condition = t instanceof SparkThrowable spark ? String.valueOf(spark.getCondition()) : "";
            if (condition.startsWith("FAILED_READ_FILE")) {
                file = firstLine(t);
            } else if (file != null && t instanceof EOFException) {
                return new UserError(
                        beginning + file + " It is truncated: its data ends early; fetch or write it again", thrown);
            } else if (file == null && VALUES.contains(condition)) {
                return new UserError(beginning + firstLine(t), thrown);
            }
        }
        return file == null ? null : new UserError(beginning + file, thrown);
    }

    /** Spark's messages go on for a page. */
    public static String firstLine(Throwable t) {
        return String.valueOf(t.getMessage())
                .lines()
                .filter(line -> !line.isBlank())
                .findFirst()
                .orElse(t.toString());
    }
}
