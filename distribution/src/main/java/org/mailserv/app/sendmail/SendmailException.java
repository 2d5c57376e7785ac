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

    int code() {
        return code;
    }
}
