package org.mailserv.server.spool.file;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.Recipient;

/** Where an unsettled message is. Fields are guarded by the message itself. */
final class LiveMessage {
    final QueueId id;

    /** Where its record is; null once it is a queue file in the queue folder. */
    @Nullable
    Segment segment;

    /** Of the queue file, or of its head alone, within the segment. */
    int offset;

    /** Octets of the queue file within the segment; 0 where it is a file in the incoming folder. */
    int length;

    /** Octets of the head. */
    int headLength;

    /** Whether the file in the incoming folder is in a mailbox's form, without a head: that is in the segment then. */
    boolean mailboxFormat;

    /** The state where it has changed since the last time it was written to a file, else null. */
    @Nullable
    MessageState state;

    /** The recipients while a local one is still to be tried, else null. */
    @Nullable
    List<Recipient> unpublished;

    boolean settled;

    LiveMessage(QueueId id) {
        this.id = id;
    }

    /** Its place in its segment, which is held for the caller. */
    SegmentRange hold(Segment where) {
        where.hold();
        return new SegmentRange(where, offset, headLength, length);
    }
}
