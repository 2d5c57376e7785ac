package org.mailserv.app.config;

import org.mailserv.server.text.Failures;

/** An error that an operator can fix, described in one line. */
public final class StartupException extends Exception {
    private static final long serialVersionUID = 1;

    public StartupException(String message) {
        super(message);
    }

    public StartupException(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * Returns the reason why a port cannot be opened, with a remedy.
     *
     * @param where the beginning of the line
     */
    public static String bindProblem(String where, Throwable cause) {
        String message = Failures.text(cause);
        if (message.contains("in use")) {
            return where + "address already in use (another mail server? see `ss -ltnp`)";
        } else if (message.contains("ermission denied")) {
            return where + "permission denied: ports below 1024 need root or CAP_NET_BIND_SERVICE";
        } else if (message.contains("assign requested")) {
            return where + "not an address of this machine (see `ip address`)";
        }
        return where + message;
    }
}
