package org.mailserv.server.spool;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.ReversePath;

/**
 * The part of a mailbox file before the content: the Return-Path. RFC 5321, 4.4. A large message for local mailboxes only is written in
 * this form while it arrives, before its trace is complete. Space that the trace leaves is filled with white space at a fold of a field,
 * which has no meaning. RFC 5322, 2.2.3.
 */
public final class MailboxFormat {
    /** Octets reserved for the trace: Received, and the results of the checks for most messages. */
    static final int TRACE_ROOM = 1024;

    private static final int MAX_LINE = 998;
    private static final byte[] NOTHING = {};
    private static final byte[] LF = {'\n'};
    private static final byte[] CRLF = {'\r', '\n'};

    private MailboxFormat() {}

    /** Returns the first line. */
    public static byte[] returnPath(ReversePath sender) {
        return ("Return-Path: <" + sender + ">\r\n").getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Returns the octets missing at the end of a message. A line is text and CRLF, but BDAT may bring content that ends otherwise. A
     * mailbox file is completed, so that its size is that of its lines. Blocks unless the content is in memory.
     */
    public static byte[] missingEnd(MessageContent content) throws IOException {
        int count = (int) Math.min(2, content.length());
        ByteBuffer last = ByteBuffer.allocate(count);
        content.read(content.length() - count, last);
        return missingEnd(last.array());
    }

    /** Returns the octets missing for CRLF at the end of the given ones; none if there are none. */
    public static byte[] missingEnd(byte[] last) {
        int count = last.length;
        boolean complete = count == 0 || count > 1 && last[count - 2] == '\r' && last[count - 1] == '\n';
        return complete ? NOTHING : last[count - 1] == '\r' ? LF : CRLF;
    }

    /** Returns the number of octets to reserve before the content of a message from this sender. */
    public static int room(ReversePath sender) {
        return returnPath(sender).length + TRACE_ROOM;
    }

    /**
     * Returns everything before the content.
     *
     * @param trace header fields, each ending in CRLF; not released
     * @param room octets reserved for it
     * @return exactly as many octets as reserved, or null if the trace is too long or has no fold to widen
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

    /** Returns the position for white space: after that of the first folded line that stays short enough, or -1 if there is none. */
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
