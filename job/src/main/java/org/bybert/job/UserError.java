package org.bybert.job;

import picocli.CommandLine;

/** Something the user can mend: the message says what was expected, what was found and what to do. */
public final class UserError extends RuntimeException {

    private final int exit;

    public UserError(String message) {
        this(CommandLine.ExitCode.SOFTWARE, message);
    }

    /** @param exit code of the process, where it is not the usual 1 */
    public UserError(int exit, String message) {
        this(exit, message, null);
    }

    public UserError(String message, Throwable cause) {
        this(CommandLine.ExitCode.SOFTWARE, message, cause);
    }

    private UserError(int exit, String message, Throwable cause) {
        super(message, cause);
        this.exit = exit;
    }

    /** A wrong option, found where the command line is no longer at hand; the exit code is that of wrong usage. */
    public static UserError ofUsage(String message, Throwable cause) {
        return new UserError(CommandLine.ExitCode.USAGE, message, cause);
    }

    public int exit() {
        return exit;
    }
}
