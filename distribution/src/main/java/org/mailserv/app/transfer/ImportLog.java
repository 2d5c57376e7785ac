package org.mailserv.app.transfer;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.FileNames;

/**
 * Remembers which messages a mailbox has received from elsewhere. An import that runs again therefore adds only new messages, and a message
 * that its owner has deleted does not come back. The log is a file in the mailbox's folder and is locked while it is open. Lines are
 * appended; the last line of a message counts.
 */
public final class ImportLog implements Closeable {
    /** The file's name in the mailbox's folder. */
    static final String NAME = "mailserv-imported";

    private static final String NO_FLAGS = "-";

    private final FileChannel file;
    private final Map<String, Entry> entries = new HashMap<>();
    private final Map<String, Entry> byTarget = new HashMap<>();
    private final List<Entry> unwritten = new ArrayList<>();

    /**
     * A message that was imported.
     *
     * @param key identifies the message in the source
     * @param folder empty, or a Maildir++ folder
     * @param unique the unique part of its file name here
     * @param flags the flags in the source at the last run
     * @param fresh whether it was in the source's {@code new}
     */
    record Entry(String key, String folder, String unique, String flags, boolean fresh) {
        String line() {
            return key + " " + encoded(folder) + " " + unique + " " + (flags.isEmpty() ? NO_FLAGS : flags) + " "
                    + (fresh ? "new" : "cur") + "\n";
        }

        /** Returns the path of its file below the folder. */
        Path target(Path folder) {
            return fresh && flags.isEmpty()
                    ? folder.resolve("new").resolve(unique)
                    : folder.resolve("cur").resolve(unique + ":2," + flags);
        }
    }

    private ImportLog(FileChannel file) {
        this.file = file;
    }

    /** Opens the log of a mailbox, and creates it if it is missing. */
    static ImportLog open(Path mailbox, Disk disk) throws IOException {
        Path path = mailbox.resolve(NAME);
        if (!disk.exists(path)) {
            disk.create(path).close();
        }
        FileChannel file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            FileLock lock = tryLock(file);
            if (lock == null) {
                throw new IOException(mailbox + ": another import into this mailbox is running (wait until it ends)");
            }
            ImportLog log = new ImportLog(file);
            log.read();
            return log;
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static @Nullable FileLock tryLock(FileChannel file) throws IOException {
        try {
            return file.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private void read() throws IOException {
        ByteBuffer octets = ByteBuffer.allocate(Math.toIntExact(file.size()));
        while (octets.hasRemaining() && file.read(octets) >= 0) {
            continue;
        }
        String text = new String(octets.array(), StandardCharsets.US_ASCII);
        // A crash may have cut off the last line.
        int end = text.lastIndexOf('\n') + 1;
        for (String line : text.substring(0, end).split("\n")) {
            String[] words = line.split(" ", -1);
            if (words.length == 5) {
                put(new Entry(
                        words[0],
                        decoded(words[1]),
                        words[2],
                        words[3].equals(NO_FLAGS) ? "" : words[3],
                        words[4].equals("new")));
            }
        }
        file.truncate(end);
        file.position(end);
    }

    private void put(Entry entry) {
        entries.put(entry.key(), entry);
        byTarget.put(entry.unique(), entry);
    }

    @Nullable
    Entry find(String key) {
        return entries.get(key);
    }

    @Nullable
    Entry findTarget(String unique) {
        return byTarget.get(unique);
    }

    /** Adds a message. It is durable after {@link #sync}. */
    void add(Entry entry) {
        put(entry);
        unwritten.add(entry);
    }

    /** Writes the added messages durably. */
    void sync() throws IOException {
        if (unwritten.isEmpty()) {
            return;
        }
        StringBuilder lines = new StringBuilder();
        unwritten.forEach(entry -> lines.append(entry.line()));
        unwritten.clear();
        ByteBuffer octets = ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.US_ASCII));
        while (octets.hasRemaining()) {
            file.write(octets);
        }
        file.force(true);
    }

    private static String encoded(String folder) {
        StringBuilder text = new StringBuilder("/");
        for (byte octet : FileNames.octets(folder)) {
            char c = (char) (octet & 0xFF);
            if (c > ' ' && c < 127 && c != '%') {
                text.append(c);
            } else {
                text.append('%').append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
            }
        }
        return text.toString();
    }

    private static String decoded(String text) {
        byte[] octets = new byte[text.length()];
        int count = 0;
        for (int i = 1; i < text.length(); i++) {
            if (text.charAt(i) == '%' && i + 2 < text.length()) {
                octets[count++] = (byte) Integer.parseInt(text, i + 1, i + 3, 16);
                i += 2;
            } else {
                octets[count++] = (byte) text.charAt(i);
            }
        }
        return FileNames.text(Arrays.copyOf(octets, count));
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
