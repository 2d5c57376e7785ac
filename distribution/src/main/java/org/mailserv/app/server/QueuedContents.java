package org.mailserv.app.server;

import jakarta.mail.internet.MimeUtility;
import java.io.IOException;
import java.io.UnsupportedEncodingException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.config.StartupException;
import org.mailserv.server.spool.MessageContent;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.Spool;
import org.mailserv.server.spool.StoredMessage;

/** Reads the contents of queued messages for an operator. Blocks. */
final class QueuedContents {
    static final int MAX_SOURCE = 256 * 1024;
    private static final int MAX_HEADER = 16 * 1024;
    private static final int MAX_SUBJECT = 300;

    private final Spool spool;

    QueuedContents(Spool spool) {
        this.spool = spool;
    }

    /** Returns the beginning of a message, at most as many octets, or null if it has left the queue or cannot be read. */
    @Nullable
    String source(String id, int most) {
        try (StoredMessage stored = Lookups.await(spool.open(QueueId.parse(id)))) {
            MessageContent content = stored.content();
            ByteBuffer octets = ByteBuffer.allocate((int) Math.min(most, content.length()));
            content.read(0, octets);
            return new String(octets.array(), StandardCharsets.UTF_8);
        } catch (IOException | StartupException | IllegalArgumentException e) {
            return null;
        }
    }

    /** Returns the decoded subject of a message; null if it has none or cannot be read. */
    @Nullable
    String subject(String id) {
        String source = source(id, MAX_HEADER);
        return source == null ? null : subjectOf(header(source));
    }

    /** Returns the part before the first empty line. */
    static String header(String source) {
        int end = source.indexOf("\r\n\r\n");
        return end < 0 ? source : source.substring(0, end + 2);
    }

    private static @Nullable String subjectOf(String header) {
        for (String field : header.split("\r\n(?![ \t])")) {
            if (field.toLowerCase(Locale.ROOT).startsWith("subject:")) {
                String text = decoded(field.substring("subject:".length())).strip();
                return text.length() > MAX_SUBJECT ? text.substring(0, MAX_SUBJECT) + "..." : text;
            }
        }
        return null;
    }

    private static String decoded(String field) {
        String unfolded = field.replaceAll("\r\n", "");
        try {
            return MimeUtility.decodeText(unfolded);
        } catch (UnsupportedEncodingException e) {
            return unfolded;
        }
    }
}
