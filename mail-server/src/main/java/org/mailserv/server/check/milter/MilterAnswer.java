package org.mailserv.server.check.milter;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.SmtpReply;

/**
 * What a filter wants of a message.
 *
 * @param refusal the reply with which it is refused, or null
 * @param discarded whether it is to be taken and thrown away
 * @param held why it is to be held, or null
 * @param changes of its header, in order
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

    /**
     * One change of the header.
     *
     * @param kind added at the end, inserted at an index from 0, or the index-th of its name from 1 changed
     * @param value with LF where it is folded; an empty one deletes
     */
    record Change(Kind kind, int index, String name, String value) {}

    /** Kinds of changes. */
    enum Kind {
        ADD,
        INSERT,
        CHANGE
    }
}
