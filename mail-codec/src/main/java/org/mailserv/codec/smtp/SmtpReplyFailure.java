package org.mailserv.codec.smtp;

/**
 * Input that cannot be a reply. Nothing after it is read: the connection is of no more use.
 *
 * @param reason what was wrong, in words for logs and bounces
 * @param received the beginning of the line that could not be read, printable characters only, at most 200
 */
public record SmtpReplyFailure(String reason, String received) {
    /** Both in one line. */
    public String text() {
        return received.isEmpty() ? reason : reason + ": " + received;
    }
}
