package org.mailserv.acme;

/** Tells the operator by mail. Returns at once; never fails. */
@FunctionalInterface
public interface AcmeNotices {
    /** Sends a message to the postmaster. Lines of the text end with a line feed. */
    void send(String subject, String text);
}
