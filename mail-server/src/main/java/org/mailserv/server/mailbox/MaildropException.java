package org.mailserv.server.mailbox;

/** Why a maildrop could not be opened, read or changed. */
public final class MaildropException extends Exception {
    private static final long serialVersionUID = 1;

    /** With the response code of RFC 2449, 8 and RFC 3206, 4. */
    public enum Reason {
        /** Another session has it: {@code [IN-USE]}. */
        IN_USE,
        /** It may work later: {@code [SYS/TEMP]}. */
        TEMPORARY,
        /** It will not work without the operator: {@code [SYS/PERM]}. */
        PERMANENT,
        /** The message is gone. */
        NO_SUCH_MESSAGE
    }

    private final Reason reason;

    public MaildropException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public MaildropException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
