package org.mailserv.codec.smtp;

import java.util.List;

/** Several replies to one command. LMTP answers the end of a message with one reply per recipient. RFC 2033, 4.2. */
public record SmtpReplySequence(List<SmtpReply> replies) {
    public SmtpReplySequence {
        if (replies.isEmpty()) {
            throw new IllegalArgumentException("replies: none (expected: at least one)");
        }
        replies = List.copyOf(replies);
    }
}
