package org.mailserv.server.check.milter;

import org.mailserv.codec.smtp.SmtpReply;

/** A decoded response of a filter. */
sealed interface MilterResponse {
    /**
     * The filter's side of the option negotiation.
     *
     * @param version the protocol version
     * @param actions the actions that the filter may request
     * @param options the commands and replies that the filter declines
     */
    record Options(int version, int actions, int options) implements MilterResponse {}

    /** The filter has no objection so far. */
    record Continue() implements MilterResponse {}

    /** The filter accepts the message and does not need the rest of it. */
    record Accept() implements MilterResponse {}

    /** The filter does not need further commands of the kind that it replies to. */
    record Skip() implements MilterResponse {}

    /** The message is to be accepted from the client and dropped. */
    record Discard() implements MilterResponse {}

    /** The filter is still working; the timeout starts again. */
    record Progress() implements MilterResponse {}

    /** The recipient or the message is to be refused with a reply. */
    record Refuse(SmtpReply reply) implements MilterResponse {}

    /** A header field is to be added or changed. */
    record ChangeHeader(MilterAnswer.Change change) implements MilterResponse {}

    /** The message is to be put on hold. */
    record Quarantine(String reason) implements MilterResponse {}

    /** The filter requests an action that was not offered to it. */
    record NotOffered(String action) implements MilterResponse {}

    /** A response that cannot be decoded. */
    record Malformed(String problem) implements MilterResponse {}

    /** A response of an unknown kind. */
    record Unknown(char code) implements MilterResponse {}
}
