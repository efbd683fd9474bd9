package org.bybert.job.terminal;

/** Something the user can mend: the message says what was expected, what was found and what to do. */
public final class UserError extends RuntimeException {

    private final int exit;

    public UserError(String message) {
        this(1, message);
    }

    /** @param exit code of the process, where it is not the usual 1 */
    public UserError(int exit, String message) {
        super(message);
        this.exit = exit;
    }

    public UserError(String message, Throwable cause) {
        super(message, cause);
        this.exit = 1;
    }

    public int exit() {
        return exit;
    }
}
