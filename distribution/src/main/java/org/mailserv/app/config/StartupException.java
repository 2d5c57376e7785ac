package org.mailserv.app.config;

/** The server cannot start, for a reason that a person can mend: one line. */
public final class StartupException extends Exception {
    private static final long serialVersionUID = 1;

    public StartupException(String message) {
        super(message);
    }

    public StartupException(String message, Throwable cause) {
        super(message, cause);
    }
}
