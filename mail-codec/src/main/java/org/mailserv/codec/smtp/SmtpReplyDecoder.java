package org.mailserv.codec.smtp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.line.LineFrameDecoder;

/**
 * Reads whole replies, however many lines they have, as {@link SmtpReply}; what is none comes as one {@link SmtpReplyFailure}, and
 * nothing comes behind it. RFC 5321, 4.2.
 */
final class SmtpReplyDecoder extends LineFrameDecoder {
    private static final Pattern STATUS = Pattern.compile("([245])\\.(\\d{1,3})\\.(\\d{1,3})(?: +|$)");
    private static final int EXCERPT = 200;

    private final int maxLines;
    private final List<String> lines = new ArrayList<>();
    private int code;
    private boolean startTlsSent;
    private boolean closed;

    SmtpReplyDecoder(int lineLimit, int maxLines) {
        super(lineLimit);
        this.maxLines = maxLines;
    }

    @Override
    protected boolean isBlocked() {
        return false;
    }

    // RFC 5321, 2.3.8 deviates: a reply carries nothing that could be smuggled, and some servers end lines in LF.
    @Override
    protected boolean takesBareLf() {
        return true;
    }

    @Override
    protected void decodeFrame(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (closed) {
            in.skipBytes(in.readableBytes());
            return;
        }
        ByteBuf line = readLine(in, lineLimit(), out);
        if (line != null) {
            take(clean(line), in, out);
        }
    }

    private void take(String line, ByteBuf in, List<Object> out) {
        int lineCode = code(line);
        if (lineCode < 0) {
            fail("Not an SMTP reply", line, out);
        } else if (!lines.isEmpty() && lineCode != code) {
            fail("Reply with different codes", line, out);
        } else if (lines.size() >= maxLines) {
            fail("Reply with too many lines", line, out);
        } else {
            code = lineCode;
            lines.add(line.length() > 4 ? line.substring(4) : "");
            if (line.length() == 3 || line.charAt(3) != '-') {
                endReply(in, out);
            }
        }
    }

    private void endReply(ByteBuf in, List<Object> out) {
        SmtpReply reply = reply();
        lines.clear();
        if (startTlsSent && in.isReadable()) {
            // RFC 3207, 5: octets in plain text must never be taken for protected replies.
            fail("Plain text behind the reply to STARTTLS", "", out);
            return;
        }
        startTlsSent = false;
        out.add(reply);
    }

    private SmtpReply reply() {
        EnhancedStatus status = code >= 300 && code < 400 ? null : status(lines.get(0));
        if (status == null) {
            return new SmtpReply(code, null, lines);
        }
        List<String> texts = new ArrayList<>(lines.size());
        for (String line : lines) {
            Matcher matcher = STATUS.matcher(line);
            texts.add(matcher.lookingAt() ? line.substring(matcher.end()) : line);
        }
        return new SmtpReply(code, status, texts);
    }

    /** The status at the beginning of a text; null where there is none or one of another class than the code. */
    private @Nullable EnhancedStatus status(String text) {
        Matcher matcher = STATUS.matcher(text);
        if (!matcher.lookingAt() || Integer.parseInt(matcher.group(1)) != code / 100) {
            return null;
        }
        return new EnhancedStatus(code / 100, Integer.parseInt(matcher.group(2)), Integer.parseInt(matcher.group(3)));
    }

    /** The code of a line, which may stand alone although RFC 5321, 4.2 wants a blank behind it; -1 where there is none. */
    private static int code(String line) {
        if (line.length() < 3 || line.length() > 3 && line.charAt(3) != ' ' && line.charAt(3) != '-') {
            return -1;
        }
        int code = 0;
        for (int i = 0; i < 3; i++) {
            char c = line.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            code = code * 10 + c - '0';
        }
        return code >= 200 && code <= 599 ? code : -1;
    }

    private static String clean(ByteBuf line) {
        String text = line.toString(StandardCharsets.UTF_8);
        if (text.chars().noneMatch(c -> c < ' ' || c == 127)) {
            return text;
        }
        StringBuilder clean = new StringBuilder(text.length());
        text.chars().forEach(c -> clean.append(c == '\t' ? ' ' : c < ' ' || c == 127 ? '?' : (char) c));
        return clean.toString();
    }

    private void fail(String reason, String received, List<Object> out) {
        closed = true;
        lines.clear();
        out.add(new SmtpReplyFailure(reason, received.length() > EXCERPT ? received.substring(0, EXCERPT) : received));
    }

    @Override
    protected void onFault(Fault fault, List<Object> out) {
        fail(fault == Fault.TOO_LONG ? "Reply line too long" : "Bare CR in a reply", "", out);
    }

    /** The next reply is the one to STARTTLS, behind which nothing may come in plain text. */
    void startTlsSent() {
        startTlsSent = true;
    }

    void discardPlaintext() {
        dropBufferedInput();
    }
}
