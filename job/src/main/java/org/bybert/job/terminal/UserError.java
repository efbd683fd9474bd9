package org.bybert.job.terminal;

/** Something the user can mend: the message says what was expected, what was found and what to do. */
public final class UserError extends RuntimeException {

    private final int exit;

    public UserError(String message) {
        this(1, message);
    }

    /** @param exit code of the process, where it is not the usual 1 */
    public UserError(int exit, String message) {
        this(exit, message, null);
    }

    public UserError(String message, Throwable cause) {
        this(1, message, cause);
    }

    UserError(int exit, String message, Throwable cause) {
        super(message, cause);
        this.exit = exit;
    }

    public int exit() {
        return exit;
    }
}
