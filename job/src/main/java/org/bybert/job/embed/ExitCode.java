package org.bybert.job.embed;

/** Exit codes beyond 0 (done), 1 (failed) and 2 (wrong usage). */
final class ExitCode {

    /** Everything is written, but more rows failed than may. */
    static final int ROWS_FAILED = 3;
    /** The output holds something else: an unfinished run, or one of another input, model or options. */
    static final int OUTPUT_TAKEN = 4;
    /** Another job is writing to the output. */
    static final int LOCKED = 5;

    private ExitCode() {
    }
}
