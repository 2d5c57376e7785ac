package org.mailserv.server.spool;

import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.disk.DiskFault;
import org.mailserv.server.text.Failures;

/** Thrown if the spool cannot do what was asked; always temporary for the sender (a 4xx). */
public final class SpoolException extends Exception {
    private static final long serialVersionUID = 1;

    /** The reasons, which determine the reply. */
    public enum Reason {
        /** The disk is full, or below its threshold. 452 4.3.1. */
        DISK_FULL,
        /** A limit on memory or on a lane's queue is reached. 451 4.3.1. */
        OVERLOADED,
        /** The disk failed. 451 4.3.0. */
        IO_ERROR,
        /** The server is stopping. 421 4.3.2. */
        CLOSED,
        /** No such message. */
        NOT_FOUND
    }

    private final Reason reason;

    public SpoolException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public SpoolException(Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /**
     * Returns the exception for a failed operation on files. A full disk is a reason of its own, because the sender may retry soon; any other
     * fault needs the operator.
     *
     * @param subject names what was read or written, for the message
     */
    public static SpoolException ofDisk(String subject, Exception cause) {
        Reason reason = switch (DiskFault.of(cause)) {
            case NO_SPACE, QUOTA -> Reason.DISK_FULL;
            case READ_ONLY, OTHER -> Reason.IO_ERROR;
        };
        return new SpoolException(reason, subject + ": " + Failures.text(cause), cause);
    }

    /** Returns the exception for a disk lane that accepts no more tasks. */
    public static SpoolException overloaded(RejectedExecutionException cause) {
        return new SpoolException(Reason.OVERLOADED, "the disk lanes are full", cause);
    }

    public static SpoolException notFound(QueueId id) {
        return new SpoolException(Reason.NOT_FOUND, "no message " + id);
    }

    /** Returns whether an operation failed because the message does not exist. */
    public static boolean isNotFound(@Nullable Throwable failure) {
        return failure instanceof SpoolException spool && spool.reason() == Reason.NOT_FOUND;
    }

    public Reason reason() {
        return reason;
    }
}
