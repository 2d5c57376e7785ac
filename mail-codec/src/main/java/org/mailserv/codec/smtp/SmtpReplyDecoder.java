package org.mailserv.codec.smtp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Decodes replies as {@link SmtpReply}, as tolerantly as other mail servers do. A reply misread after the content was
 * sent would make the client send the message again. The code of the last line decides. A line without a code is part
 * of the text. A bare LF ends a line. Overlong lines are truncated, and text beyond the limits is discarded while the
 * reply is read to its end.
 *
 * <p>Input that cannot be a reply yields one {@link SmtpReplyFailure}, after which nothing more is decoded. RFC 5321,
 * 4.2.
 */
final class SmtpReplyDecoder extends ByteToMessageDecoder {
    // Servers of other protocols, which would make the client wait for a code until its timeout.
    private static final Pattern OTHER_PROTOCOL = Pattern.compile("(SSH-|HTTP/|RTSP/|\\+OK|-ERR|\\* OK|<\\?xml).*");
    private static final int EXCERPT = 200;
    // Maximum lines of one reply, as a multiple of the lines kept. Beyond it the reply is treated as endless.
    private static final int ENDLESS = 100;

    private final int lineLimit;
    private final int maxLines;
    private final ReplyLines lines;
    private int scanned;
    private boolean cutting;
    private boolean first = true;
    private boolean startTlsSent;
    private boolean closed;

    /**
     * @param lineLimit maximum octets kept of a line
     * @param maxLines maximum lines kept of a reply
     */
    SmtpReplyDecoder(int lineLimit, int maxLines) {
        this.lineLimit = lineLimit;
        this.maxLines = maxLines;
        this.lines = new ReplyLines(maxLines);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (closed) {
            in.skipBytes(in.readableBytes());
            return;
        }
        String line = readLine(in);
        if (line != null) {
            take(line, in, out);
        }
    }

    /** Returns the next line without its line end, truncated to the limit; null if no line is complete or overlong. */
    private @Nullable String readLine(ByteBuf in) {
        int start = in.readerIndex();
        int lf = in.indexOf(start + Math.min(scanned, in.readableBytes()), in.writerIndex(), (byte) '\n');
        if (cutting) {
            // The beginning has been read; the rest of the line is discarded.
            cutting = lf < 0;
            in.skipBytes(lf < 0 ? in.readableBytes() : lf + 1 - start);
            scanned = 0;
            return null;
        }
        int length = (lf < 0 ? in.readableBytes() : lf - start);
        if (lf < 0 && length < lineLimit) {
            scanned = length;
            return null;
        }
        scanned = 0;
        String line = clean(in.slice(start, Math.min(length, lineLimit)));
        cutting = lf < 0;
        in.skipBytes(lf < 0 ? length : length + 1);
        return line;
    }

    private void take(String line, ByteBuf in, List<Object> out) {
        if (first && lines.isEmpty() && OTHER_PROTOCOL.matcher(line).matches()) {
            fail("Not an SMTP server", line, out);
        } else if (lines.count() >= maxLines * ENDLESS) {
            fail("Reply without end", line, out);
        } else if (lines.isEmpty() && ReplyLines.isOfUnknownClass(line)) {
            fail("Reply with an unknown code", line, out);
        } else if (lines.add(line)) {
            endReply(in, out);
        }
    }

    private void endReply(ByteBuf in, List<Object> out) {
        SmtpReply reply = lines.reply();
        first = false;
        if (startTlsSent && (in.isReadable() || cutting)) {
            // RFC 3207, 5: plaintext must never be treated as protected replies.
            fail("Plain text after the reply to STARTTLS", "", out);
            return;
        }
        startTlsSent = false;
        out.add(reply);
    }

    /**
     * Decodes the rest when the server has closed the connection. An unterminated line or reply still reports the
     * outcome of the command. If it were discarded, the message would be sent again.
     */
    @Override
    protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        int before = -1;
        while (in.isReadable() && in.readableBytes() != before && !closed) {
            before = in.readableBytes();
            decode(ctx, in, out);
        }
        if (closed) {
            return;
        }
        boolean ended = in.isReadable() && !cutting && lines.add(clean(in.slice()));
        in.skipBytes(in.readableBytes());
        if (ended || lines.hasCode()) {
            out.add(lines.reply());
        }
        closed = true;
    }

    private static String clean(ByteBuf line) {
        String text = line.toString(StandardCharsets.UTF_8);
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == '\r') {
            end--;
        }
        text = text.substring(0, end);
        if (text.chars().noneMatch(c -> c < ' ' || c == 127)) {
            return text;
        }
        StringBuilder clean = new StringBuilder(end);
        text.chars().forEach(c -> clean.append(c == '\t' ? ' ' : c < ' ' || c == 127 ? '?' : (char) c));
        return clean.toString();
    }

    private void fail(String reason, String received, List<Object> out) {
        closed = true;
        lines.clear();
        out.add(new SmtpReplyFailure(reason, received.length() > EXCERPT ? received.substring(0, EXCERPT) : received));
    }

    /** Records that the next reply answers STARTTLS, after which no plaintext may follow. */
    void startTlsSent() {
        startTlsSent = true;
    }

    /** Returns whether received octets have not been decoded yet. */
    boolean hasBufferedInput() {
        return actualReadableBytes() > 0;
    }

    /** Discards received octets that have not been decoded. */
    void discardPlaintext() {
        if (actualReadableBytes() > 0) {
            ByteBuf buffered = internalBuffer();
            buffered.skipBytes(buffered.readableBytes());
        }
        scanned = 0;
        cutting = false;
        lines.clear();
    }
}
