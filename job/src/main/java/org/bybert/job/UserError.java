package org.bybert.job;

/** Something the user can mend: the message says what was expected, what was found and what to do. */
public final class UserError extends RuntimeException {

    public UserError(String message) {
        super(message);
    }

    public UserError(String message, Throwable cause) {
        super(message, cause);
    }
}
