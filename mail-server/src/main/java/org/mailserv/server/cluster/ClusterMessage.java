package org.mailserv.server.cluster;

import org.jspecify.annotations.Nullable;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageContent;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.StoredMessage;

/**
 * A message of the shared spool.
 *
 * @param body the body that mailboxes may refer to, or null if they need one of their own
 */
record ClusterMessage(
        Envelope envelope,
        MessageState state,
        MessageContent content,
        @Nullable QueueId body) implements StoredMessage {
    @Override
    public void close() {
        // Nothing is held open.
    }
}
