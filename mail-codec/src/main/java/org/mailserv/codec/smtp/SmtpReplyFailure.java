package org.mailserv.codec.smtp;

/**
 * Input that cannot be a reply. Nothing after it is decoded, so the connection is no longer usable.
 *
 * @param reason description of the problem, for logs and bounces
 * @param received the beginning of the offending line, printable characters only, at most 200
 */
public record SmtpReplyFailure(String reason, String received) {
    /** Returns reason and received text in one line. */
    public String text() {
        return received.isEmpty() ? reason : reason + ": " + received;
    }
}
