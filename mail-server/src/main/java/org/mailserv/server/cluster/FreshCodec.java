package org.mailserv.server.cluster;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.mailserv.server.cluster.FreshEntry.Inline;
import org.mailserv.server.cluster.FreshEntry.State;
import org.mailserv.server.cluster.FreshEntry.Stored;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.file.EnvelopeText;
import org.mailserv.server.spool.file.StateFile;

/**
 * The binary form of journal entries. An entry is a kind (1 octet) and its fields; a row holds entries one after another. A field is its length
 * (4 octets) and its octets.
 */
final class FreshCodec {
    private static final byte INLINE = 1;
    private static final byte STORED = 2;
    private static final byte STATE = 3;

    private FreshCodec() {}

    /** Returns an entry as octets. */
    static byte[] write(FreshEntry entry) {
        if (entry instanceof Inline inline) {
            ByteBuffer content = inline.content();
            return fields(
                    INLINE,
                    ByteBuffer.wrap(EnvelopeText.write(inline.envelope())),
                    ByteBuffer.wrap(StateFile.write(inline.state())),
                    content.duplicate());
        } else if (entry instanceof Stored stored) {
            return fields(
                    STORED,
                    ByteBuffer.wrap(EnvelopeText.write(stored.envelope())),
                    ByteBuffer.wrap(StateFile.write(stored.state())),
                    ByteBuffer.allocate(Long.BYTES).putLong(0, stored.octets()));
        }
        State state = (State) entry;
        return fields(
                STATE,
                ByteBuffer.wrap(state.id().toString().getBytes(StandardCharsets.US_ASCII)),
                ByteBuffer.wrap(StateFile.write(state.state())));
    }

    private static byte[] fields(byte kind, ByteBuffer... fields) {
        int length = 1;
        for (ByteBuffer field : fields) {
            length += Integer.BYTES + field.remaining();
        }
        ByteBuffer entry = ByteBuffer.allocate(length).put(kind);
        for (ByteBuffer field : fields) {
            entry.putInt(field.remaining()).put(field);
        }
        return entry.array();
    }

    /**
     * Parses a row.
     *
     * @throws IllegalArgumentException if the octets are not entries; an unknown kind is from a newer version
     */
    static List<FreshEntry> read(ByteBuffer row) {
        ByteBuffer octets = row.duplicate();
        List<FreshEntry> entries = new ArrayList<>();
        while (octets.hasRemaining()) {
            byte kind = octets.get();
            entries.add(
                    switch (kind) {
                        case INLINE ->
                            new Inline(EnvelopeText.read(field(octets)), StateFile.read(field(octets)), slice(octets));
                        case STORED ->
                            new Stored(
                                    EnvelopeText.read(field(octets)),
                                    StateFile.read(field(octets)),
                                    slice(octets).getLong(0));
                        case STATE ->
                            new State(
                                    QueueId.parse(new String(field(octets), StandardCharsets.US_ASCII)),
                                    StateFile.read(field(octets)));
                        default ->
                            throw new IllegalArgumentException("journal entry: kind " + kind
                                    + " (expected: 1 to 3; a newer version of the server may have written it)");
                    });
        }
        return entries;
    }

    private static byte[] field(ByteBuffer octets) {
        ByteBuffer slice = slice(octets);
        byte[] field = new byte[slice.remaining()];
        slice.get(field);
        return field;
    }

    private static ByteBuffer slice(ByteBuffer octets) {
        int length = octets.remaining() < Integer.BYTES ? -1 : octets.getInt();
        if (length < 0 || length > octets.remaining()) {
            throw new IllegalArgumentException("journal entry: it ends within a field");
        }
        ByteBuffer slice = octets.slice().limit(length);
        octets.position(octets.position() + length);
        return slice.slice();
    }
}
