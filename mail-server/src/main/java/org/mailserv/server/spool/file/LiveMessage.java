package org.mailserv.server.spool.file;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.Recipient;

/** The location of an unsettled message. Fields are guarded by the message itself. */
final class LiveMessage {
    final QueueId id;

    /** The segment with its record; null once it is a file in the queue folder. */
    @Nullable
    SegmentFile segment;

    /** Position of the queue file, or of its head alone, within the segment. */
    int offset;

    /** Octets of the queue file within the segment; 0 if it is a file in the incoming folder. */
    int length;

    /** Octets of the head. */
    int headLength;

    /** True if the file in the incoming folder is in mailbox format without a head. The head is in the segment then. */
    boolean mailboxFormat;

    /** The state if it has changed since it was last written to a file, else null. */
    @Nullable
    MessageState state;

    /** The recipients while a local one is still to be tried, else null. */
    @Nullable
    List<Recipient> unpublished;

    boolean settled;

    LiveMessage(QueueId id) {
        this.id = id;
    }

    /** Returns its place in its segment, which is held for the caller. */
    SegmentRange hold(SegmentFile where) {
        where.hold();
        return new SegmentRange(where, offset, headLength, length);
    }
}
