package org.mailserv.app.config;

/** An error that an operator can fix, described in one line. */
public final class StartupException extends Exception {
    private static final long serialVersionUID = 1;

    public StartupException(String message) {
        super(message);
    }

    public StartupException(String message, Throwable cause) {
        super(message, cause);
    }
}
