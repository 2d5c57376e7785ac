package org.mailserv.relay.smtp;

/**
 * How a connection ended.
 *
 * @param reason in words, for logs and bounces
 * @param how who ended it, and in which way
 * @param outstanding replies that were awaited
 */
record Loss(String reason, How how, int outstanding) {
    enum How {
        /** By this side, or by a 421: what was not answered has not been taken. */
        CLEAN,
        /** The server closed it in order, so that every reply that it sent has been read. */
        CLOSED,
        /** Time-out, reset, or input that is no reply: replies may have been lost. */
        CUT
    }

    boolean isClean() {
        return how == How.CLEAN;
    }
}
