package org.mailserv.relay.smtp;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.SmtpCommand;
import org.mailserv.codec.smtp.SmtpReply;

/**
 * Something to be sent: a command, or content behind one.
 *
 * @param command to write, or null for content
 * @param content to write, or null for a command
 * @param replies that it will get: 1, or for content the number that the protocol wants, or 0
 * @param timeout for each reply
 * @param what it waits for, in words for logs and bounces
 * @param order when it may be sent
 * @param wanted asked just before: false drops the step
 * @param onReply gets each reply
 */
record Step(
        @Nullable SmtpCommand command,
        @Nullable ContentWriter content,
        int replies,
        Duration timeout,
        String what,
        Order order,
        BooleanSupplier wanted,
        Consumer<SmtpReply> onReply) {

    /** How a command stands to those around it. RFC 2920, 3.1. */
    enum Order {
        /** Anything may travel before and behind it. */
        FREE,
        /** Nothing is sent behind it until it has been answered. */
        LAST_IN_GROUP,
        /** Sent when all before it has been answered, and nothing behind it until it has been. */
        ALONE,
        /** Sent when all before it has been answered; others may travel behind it. */
        AFTER_REPLIES,
        /** Belongs to what was sent just before. */
        ATTACHED
    }

    static Step command(SmtpCommand command, Duration timeout, Order order, Consumer<SmtpReply> onReply) {
        return new Step(command, null, 1, timeout, command.verb(), order, () -> true, onReply);
    }

    Step onlyIf(BooleanSupplier condition) {
        return new Step(command, content, replies, timeout, what, order, condition, onReply);
    }

    /** Content whose replies come only now: behind DATA, or one for each recipient of LMTP. */
    static Step content(ContentWriter content, int replies, Duration timeout, Consumer<SmtpReply> onReply) {
        return new Step(null, content, replies, timeout, "the end of the message", Order.ATTACHED, () -> true, onReply);
    }
}
