package org.mailserv.server.cluster.table;

/** Thrown when the engine did not answer a read or a logical write with success. */
public final class TablesException extends Exception {
    private static final long serialVersionUID = 1;

    /** Reasons for the failure. */
    public enum Reason {
        /** Nothing was written and nothing will be: no quorum, no connection, or a statement that the engine refused. */
        FAILED,
        /** Too many requests are under way. Nothing was written. */
        OVERLOADED,
        /** No answer came in time. A write may have taken effect, or may take effect later. */
        UNKNOWN
    }

    private final Reason reason;

    public TablesException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public TablesException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
