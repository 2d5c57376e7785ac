package org.mailserv.server.spool.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.mailserv.server.spool.Envelope;

/**
 * The place of a message in a segment that is held for its reader.
 *
 * @param offset position of the head
 * @param headLength octets of the head
 * @param length octets of head and content; 0 if the content is elsewhere
 */
record SegmentRange(SegmentFile segment, int offset, int headLength, int length) {
    /** Reads the head alone. */
    Envelope envelope() throws IOException, QueueFile.MalformedQueueFileException {
        ByteBuffer octets = ByteBuffer.allocate(headLength);
        FileChannel channel = segment.file.channel();
        while (octets.hasRemaining() && channel.read(octets, (long) offset + octets.position()) >= 0) {
            continue;
        }
        return QueueFile.envelope(QueueFile.read(octets.array()));
    }
}
