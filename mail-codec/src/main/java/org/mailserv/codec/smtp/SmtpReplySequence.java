package org.mailserv.codec.smtp;

import java.util.List;

/** Several replies to one command: what LMTP answers to the end of a message, one for each recipient. RFC 2033, 4.2. */
public record SmtpReplySequence(List<SmtpReply> replies) {
    public SmtpReplySequence {
        if (replies.isEmpty()) {
            throw new IllegalArgumentException("replies: none (expected: at least one)");
        }
        replies = List.copyOf(replies);
    }
}
