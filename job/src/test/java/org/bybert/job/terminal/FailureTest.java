package org.bybert.job.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
}
