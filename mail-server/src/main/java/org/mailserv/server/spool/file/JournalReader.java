package org.mailserv.server.spool.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.FileNames;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the journal that an interrupted run has left. */
final class JournalReader {
    private static final Logger LOG = LoggerFactory.getLogger(JournalReader.class);

    private JournalReader() {}

    /** A complete record. */
    record Record(Path file, byte kind, int offset, int length) {}

    /** The records of one file, in order, all of one segment. */
    record Content(Path file, long number, List<Record> records) {}

    /** Returns all segments with records, oldest first. */
    static List<Content> readAll(Disk disk, Path folder) throws IOException {
        List<Content> contents = new ArrayList<>();
        for (String name : disk.list(folder)) {
            if (name.startsWith("segment-")) {
                contents.add(read(disk, FileNames.resolve(folder, name)));
            }
        }
        contents.sort(Comparator.comparingLong(Content::number));
        return contents;
    }

    private static Content read(Disk disk, Path file) throws IOException {
        ByteBuffer octets = readFile(disk, file);
        List<Record> records = new ArrayList<>();
        long number = octets.remaining() >= Journal.HEADER ? octets.getLong(8) : 0;
        int position = 0;
        while (position + Journal.HEADER <= octets.limit()) {
            int length = octets.getInt(position);
            if (isWhole(octets, position, number)) {
                records.add(new Record(file, octets.get(position + 4), position + Journal.HEADER, length));
                position += Journal.HEADER + length + 7 & ~7;
                continue;
            }
            int next = findNext(octets, position + 8, number);
            if (next < 0) {
                break;
            }
            // A group that was torn in the middle, of which nothing was acknowledged. Anything else would be a failing
            // disk.
            LOG.warn("event=journal-gap file={} from={} to={}", file, position, next);
            position = next;
        }
        return new Content(file, number, records);
    }

    private static boolean isWhole(ByteBuffer octets, int position, long number) {
        int length = octets.getInt(position);
        byte kind = octets.get(position + 4);
        return length >= 0
                && length <= octets.limit() - position - Journal.HEADER
                && kind >= Journal.KIND_MESSAGE
                && kind <= Journal.KIND_MAILBOX_FILE
                && octets.getLong(position + 8) == number
                && octets.getInt(position + 16) == Journal.crc(octets, position, length);
    }

    private static int findNext(ByteBuffer octets, int from, long number) {
        if (number == 0) {
            return -1;
        }
        for (int position = from; position + Journal.HEADER <= octets.limit(); position += 8) {
            if (octets.getLong(position + 8) == number && isWhole(octets, position, number)) {
                return position;
            }
        }
        return -1;
    }

    private static ByteBuffer readFile(Disk disk, Path file) throws IOException {
        try (FileChannel channel = disk.openForRead(file)) {
            ByteBuffer octets = ByteBuffer.allocate(Math.toIntExact(channel.size()));
            while (octets.hasRemaining() && channel.read(octets) >= 0) {
                // Continue to the end.
                continue;
            }
            return octets.flip();
        }
    }
}
