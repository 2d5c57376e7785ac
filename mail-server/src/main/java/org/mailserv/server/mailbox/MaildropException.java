package org.mailserv.server.mailbox;

import org.jspecify.annotations.Nullable;

/** Thrown when a maildrop cannot be opened, read or changed. */
public final class MaildropException extends Exception {
    private static final long serialVersionUID = 1;

    /** Reasons, with their response codes. RFC 2449, 8 and RFC 3206, 4. */
    public enum Reason {
        /** Another session has the maildrop open: {@code [IN-USE]}. */
        IN_USE,
        /** A later attempt may succeed: {@code [SYS/TEMP]}. */
        TEMPORARY,
        /** The operator must act first: {@code [SYS/PERM]}. */
        PERMANENT,
        /** The message is gone. */
        NO_SUCH_MESSAGE
    }

    private final Reason reason;

    public MaildropException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public MaildropException(Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
