package org.mailserv.app.sendmail;

/** A failure of {@code sendmail}: the text for standard error and an exit code of sysexits.h. */
public final class SendmailException extends Exception {
    static final int EX_USAGE = 64;
    static final int EX_DATAERR = 65;
    static final int EX_NOUSER = 67;
    static final int EX_NOHOST = 68;
    static final int EX_UNAVAILABLE = 69;
    static final int EX_SOFTWARE = 70;
    static final int EX_IOERR = 74;
    static final int EX_TEMPFAIL = 75;
    static final int EX_NOPERM = 77;
    public static final int EX_CONFIG = 78;

    private static final long serialVersionUID = 1;

    private final int code;

    SendmailException(int code, String message) {
        super(message);
        this.code = code;
    }

    /** Returns the exit code for a reply that refuses a message or its recipient. */
    static int codeOf(String reply) {
        if (!reply.startsWith("5")) {
            return EX_TEMPFAIL;
        }
        String[] words = reply.split(" ", 3);
        String status = words.length > 1 ? words[1] : "";
        if (status.equals("5.1.2") || status.equals("5.4.4")) {
            return EX_NOHOST;
        } else if (status.equals("5.1.3") || status.equals("5.1.7") || status.startsWith("5.6.")) {
            return EX_DATAERR;
        } else if (status.startsWith("5.1.")) {
            return EX_NOUSER;
        }
        return status.startsWith("5.7.") ? EX_NOPERM : EX_UNAVAILABLE;
    }

    int code() {
        return code;
    }
}
