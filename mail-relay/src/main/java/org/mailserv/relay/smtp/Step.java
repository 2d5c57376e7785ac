package org.mailserv.relay.smtp;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.SmtpCommand;
import org.mailserv.codec.smtp.SmtpReply;

/**
 * A unit of output: a command, or the content that follows one.
 *
 * @param command to write, or null for content
 * @param content to write, or null for a command
 * @param number of expected replies: 1 for a command, 0 or more for content
 * @param timeout the timeout of each reply
 * @param what description of the awaited reply for logs and bounces
 * @param order the order relative to other steps
 * @param wanted evaluated immediately before sending; false drops the step
 * @param onReply receives each reply
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

    /** The order of a command relative to the others in a pipeline. RFC 2920, 3.1. */
    enum Order {
        /** May be pipelined with earlier and later commands. */
        FREE,
        /** Must be the last command of a group: nothing is sent before its reply. */
        LAST_IN_GROUP,
        /** Sent after all earlier replies, and nothing is sent before its own. */
        ALONE,
        /** Sent after all earlier replies; later commands may follow at once. */
        AFTER_REPLIES,
        /** Sent immediately after the preceding step. */
        ATTACHED
    }

    static Step command(SmtpCommand command, Duration timeout, Order order, Consumer<SmtpReply> onReply) {
        return new Step(command, null, 1, timeout, command.verb(), order, () -> true, onReply);
    }

    Step onlyIf(BooleanSupplier condition) {
        return new Step(command, content, replies, timeout, what, order, condition, onReply);
    }

    /** Returns a step for content that gets its own replies: one after DATA, or one per recipient with LMTP. */
    static Step content(ContentWriter content, int replies, Duration timeout, Consumer<SmtpReply> onReply) {
        return new Step(null, content, replies, timeout, "the end of the message", Order.ATTACHED, () -> true, onReply);
    }
}
