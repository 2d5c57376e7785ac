package org.mailserv.relay.smtp;

/**
 * The end of a connection.
 *
 * @param reason human-readable reason, for logs and bounces
 * @param how the side that ended it, and in which way
 * @param outstanding number of replies that were awaited
 */
public record ConnectionLoss(String reason, How how, int outstanding) {
    /** The ways in which a connection ends. */
    public enum How {
        /** This side has finished the session or no longer needs it. */
        FINISHED,
        /** This side gave up the session because of an error. */
        ABORTED,
        /** The server announced with a 421 reply that it closes the connection. RFC 5321, 3.8. */
        SERVICE_CLOSING,
        /** The server closed the connection in order, so that every reply that it sent has been read. */
        CLOSED_BY_SERVER,
        /** Timeout, reset or invalid input: replies may have been lost. */
        CUT_OFF
    }

    /** Returns whether messages without a reply were certainly not accepted. */
    boolean isClean() {
        return switch (how) {
            case FINISHED, ABORTED, SERVICE_CLOSING -> true;
            case CLOSED_BY_SERVER, CUT_OFF -> false;
        };
    }
}
