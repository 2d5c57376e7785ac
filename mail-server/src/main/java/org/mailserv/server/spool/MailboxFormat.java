package org.mailserv.server.spool;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.ReversePath;

/**
 * What stands before the content in a mailbox's file: the Return-Path. RFC 5321, 4.4. A large message for mailboxes alone has its file
 * written in this form while it comes in, before all of its trace is known: what the trace leaves of the room is filled with white space
 * where a field is folded, which says nothing. RFC 5322, 2.2.3.
 */
public final class MailboxFormat {
    /** Octets kept for the trace: Received, and what the checks say of most messages. */
    static final int TRACE_ROOM = 1024;

    private static final int MAX_LINE = 998;
    private static final byte[] NOTHING = {};
    private static final byte[] LF = {'\n'};
    private static final byte[] CRLF = {'\r', '\n'};

    private MailboxFormat() {}

    /** The line that comes first. */
    public static byte[] returnPath(ReversePath sender) {
        return ("Return-Path: <" + sender + ">\r\n").getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Returns what a message lacks at its end: a line is text and CRLF, but BDAT may bring content that ends otherwise. A mailbox's file has
     * it, so that its size is that of the lines. Blocks unless the content is in memory.
     */
    public static byte[] missingEnd(MessageContent content) throws IOException {
        int count = (int) Math.min(2, content.length());
        ByteBuffer last = ByteBuffer.allocate(count);
        content.read(content.length() - count, last);
        return missingEnd(last.array());
    }

    /** Returns what octets lack to end in CRLF; nothing where there are none. */
    public static byte[] missingEnd(byte[] last) {
        int count = last.length;
        boolean complete = count == 0 || count > 1 && last[count - 2] == '\r' && last[count - 1] == '\n';
        return complete ? NOTHING : last[count - 1] == '\r' ? LF : CRLF;
    }

    /** Octets to be kept free before the content of a message from this sender. */
    public static int room(ReversePath sender) {
        return returnPath(sender).length + TRACE_ROOM;
    }

    /**
     * All that stands before the content.
     *
     * @param trace header fields, each ending in CRLF; not released
     * @param room octets that there are for it
     * @return as many octets as the room, or null where the trace is too long, or has no fold to be widened
     */
    public static byte @Nullable [] fill(ReversePath sender, ByteBuf trace, int room) {
        byte[] returnPath = returnPath(sender);
        int length = trace.readableBytes();
        int padding = room - returnPath.length - length;
        int fold = padding == 0 ? 0 : fold(trace, padding);
        if (padding < 0 || fold < 0) {
            return null;
        }
        byte[] filled = Arrays.copyOf(returnPath, room);
        int start = trace.readerIndex();
        trace.getBytes(start, filled, returnPath.length, fold);
        Arrays.fill(filled, returnPath.length + fold, returnPath.length + fold + padding, (byte) ' ');
        trace.getBytes(start + fold, filled, returnPath.length + fold + padding, length - fold);
        return filled;
    }

    /** Where white space may be put: behind that of the first folded line that stays short enough; -1 where there is none. */
    private static int fold(ByteBuf trace, int padding) {
        int start = trace.readerIndex();
        int end = trace.writerIndex();
        for (int lf = trace.indexOf(start, end, (byte) '\n'); lf >= 0 && lf + 1 < end; ) {
            int next = trace.indexOf(lf + 1, end, (byte) '\n');
            byte first = trace.getByte(lf + 1);
            if ((first == '\t' || first == ' ') && next >= 0 && next - lf + padding <= MAX_LINE) {
                return lf + 2 - start;
            }
            lf = next;
        }
        return -1;
    }
}
