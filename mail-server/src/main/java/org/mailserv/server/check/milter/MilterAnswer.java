package org.mailserv.server.check.milter;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.SmtpReply;

/**
 * The verdict of a filter on a message.
 *
 * @param refusal the reply that refuses it, or null
 * @param discarded whether it is accepted and dropped
 * @param held the reason to put it on hold, or null
 * @param changes changes of its header, in order
 */
record MilterAnswer(
        @Nullable SmtpReply refusal,
        boolean discarded,
        @Nullable String held,
        List<Change> changes) {
    static final MilterAnswer CONTINUE = new MilterAnswer(null, false, null, List.of());

    static MilterAnswer refused(SmtpReply reply) {
        return new MilterAnswer(reply, false, null, List.of());
    }

    /** Returns whether the filter marks the message as spam by {@code X-Spam: Yes} (rspamd) or {@code X-Spam-Flag: YES} (SpamAssassin). */
    boolean marksSpam() {
        return changes.stream()
                .anyMatch(change -> (change.name().equalsIgnoreCase("X-Spam")
                                || change.name().equalsIgnoreCase("X-Spam-Flag"))
                        && change.value().strip().equalsIgnoreCase("yes"));
    }

    /**
     * A change of the header.
     *
     * @param kind a field added at the end, a field inserted at an index from 0, or a change of the index-th field of that name, from 1
     * @param value the value, with LF at its folds; an empty one deletes the field
     */
    record Change(Kind kind, int index, String name, String value) {}

    /** Kinds of header changes. */
    enum Kind {
        ADD,
        INSERT,
        CHANGE
    }
}
