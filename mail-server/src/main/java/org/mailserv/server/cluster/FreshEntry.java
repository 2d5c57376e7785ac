package org.mailserv.server.cluster;

import java.nio.ByteBuffer;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.QueueId;

/** An entry of the journal of a run: a message that it has accepted, or what has become of one. */
sealed interface FreshEntry {
    /** Returns the message that the entry is about. */
    QueueId id();

    /** An accepted message. */
    sealed interface Message extends FreshEntry {
        Envelope envelope();

        /** Returns the state at its acceptance. */
        MessageState state();

        /** Returns the octets of the content. */
        long octets();

        @Override
        default QueueId id() {
            return envelope().id();
        }
    }

    /** A message with its content, trace fields included. */
    record Inline(Envelope envelope, MessageState state, ByteBuffer content) implements Message {
        @Override
        public long octets() {
            return content.remaining();
        }
    }

    /** A message whose content is a body of the same id, with a reference from this entry. */
    record Stored(Envelope envelope, MessageState state, long octets) implements Message {}

    /** A later state of a message. */
    record State(QueueId id, MessageState state) implements FreshEntry {}
}
