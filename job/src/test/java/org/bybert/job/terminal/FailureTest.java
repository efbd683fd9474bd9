package org.bybert.job.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkException;
import org.apache.spark.memory.SparkOutOfMemoryError;
import org.junit.jupiter.api.Test;

class FailureTest {

    private static String report(Throwable thrown, int exit, boolean verbose) {
        StringWriter text = new StringWriter();
        assertEquals(exit, Failure.report(thrown, new PrintWriter(text), verbose));
        return text.toString();
    }

    private static Exception nobodyExpected() {
        return new IllegalStateException("Job aborted\n\tat x", new IOException("No route to host\nand more"));
    }

    @Test
    void tracesOfWhatNobodyExpectedAreInAFile() throws IOException {
        String text = report(nobodyExpected(), 1, false);
        Matcher line = Pattern.compile("bybert: unexpected error: IOException: No route to host; traces are in (\\S+), "
                        + "--verbose shows them\n")
                .matcher(text);
        assertTrue(line.matches(), text);
        Path log = Path.of(line.group(1));
        assertTrue(Files.readString(log).contains("IllegalStateException: Job aborted"));
        Files.delete(log);
    }

    @Test
    void theErrorIsTheLastLineOfAllTraces() {
        for (Exception thrown : new Exception[] {nobodyExpected(), new UserError("no such file", nobodyExpected())}) {
            String text = report(thrown, 1, true);
            assertTrue(text.contains("\tat "), text);
            assertTrue(
                    text.matches("(?s).*\nbybert: (unexpected error: IOException: No route to host|no such file)\n"),
                    text);
        }
        assertEquals("bybert: wrong\n", report(new UserError(2, "wrong"), 2, false));
    }

    @Test
    void memoryThatRanOutIsSaidAsThatHoweverSparkWrapsIt() {
        OutOfMemoryError heap = new OutOfMemoryError("Java heap space");
        String lost = "Job aborted due to stage failure: Task 3 in stage 4.0 failed 4 times, most recent failure: Lost "
                + "task 3.3 in stage 4.0 (TID 40) (10.0.0.2 executor 7): ";
        String reason = "ExecutorLostFailure (executor 7 exited caused by one of the running tasks) Reason: ";
        Map<Exception, String> found = Map.of(
                new SparkException(lost + reason + "Command exited with code 52\nDriver stacktrace:"),
                reason + "Command exited with code 52",
                new SparkException(lost + reason + "\nThe executor with id 7 exited with exit code 137(OOMKilled)."),
                "The executor with id 7 exited with exit code 137(OOMKilled).",
                new SparkException(lost + reason + "Container killed by YARN for exceeding physical memory limits."),
                reason + "Container killed by YARN for exceeding physical memory limits.",
                new SparkException(lost + "java.lang.OutOfMemoryError: Java heap space\n\tat x"),
                "java.lang.OutOfMemoryError: Java heap space",
                new SparkException("Task failed while writing rows", new IOException("closed", heap)),
                "OutOfMemoryError: Java heap space",
                new IllegalStateException(new SparkOutOfMemoryError(
                        "UNABLE_TO_ACQUIRE_MEMORY",
                        new HashMap<>(Map.of("requestedBytes", "7", "receivedBytes", "0")))),
                "SparkOutOfMemoryError: [UNABLE_TO_ACQUIRE_MEMORY] Unable to acquire 7 bytes of memory, got 0.");
        found.forEach((thrown, what) -> {
            String remedy = "\\Q" + what + "\\E(?: SQLSTATE: \\w+)?; give it more with --driver-memory .* or "
                    + "--executor-memory .*, or run fewer tasks at once with .*\n";
            String text = report(thrown, 52, false);
            assertTrue(text.matches("bybert: out of memory: " + remedy), text);
            RuntimeException ofFiles = Failure.ofFiles(thrown, "--input", "--output: x", "; resume");
            text = report(ofFiles, 52, false);
            assertTrue(text.matches("bybert: out of memory: " + remedy), text);
            assertTrue(report(ofFiles, 52, true).contains("\tat "));
        });
    }

    /** Data may hold whatever words. */
    @Test
    void anErrorThatQuotesMemoryIsStillThatError() {
        UserError quoting = new UserError("line 1: java.lang.OutOfMemoryError");
        assertEquals(
                "bybert: line 1: java.lang.OutOfMemoryError\n",
                report(new SparkException("Job aborted: " + quoting.getMessage(), quoting), 1, false));
    }
}
