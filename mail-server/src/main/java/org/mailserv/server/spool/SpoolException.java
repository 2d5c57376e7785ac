package org.mailserv.server.spool;

/** Why the spool could not do what was asked; always temporary for the sender (a 4xx). */
public final class SpoolException extends Exception {
    private static final long serialVersionUID = 1;

    /** Whose fault it is, so that the reply says the right thing. */
    public enum Reason {
        /** No room on the disk, or less than the mark. 452 4.3.1 */
        DISK_FULL,
        /** A bound on memory or on a lane's queue is reached. 451 4.3.1 */
        OVERLOADED,
        /** The disk failed. 451 4.3.0 */
        IO_ERROR,
        /** The server is stopping. 421 4.3.2 */
        CLOSED,
        /** No such message. */
        NOT_FOUND
    }

    private final Reason reason;

    public SpoolException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public SpoolException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
