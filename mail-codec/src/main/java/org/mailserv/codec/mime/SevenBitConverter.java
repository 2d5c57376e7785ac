package org.mailserv.codec.mime;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.header.HeaderBlock;
import org.mailserv.codec.header.HeaderField;

/**
 * Converts a message for a server that accepts only 7-bit text and lines of 998 octets. Each part becomes
 * quoted-printable or base64 and is labelled accordingly. The message is processed in chunks; at most one header and
 * one line are held back. An instance converts one message and is not thread-safe.
 *
 * <p>The output contains no bare CR or LF. A bare LF in the input is a line end. A bare CR is encoded, or replaced by
 * a blank in a header.
 *
 * <p>Parts signed by their author (S/MIME, PGP/MIME) are left unchanged. If such a part exceeds the limits, {@link
 * #isSealed()} returns true and the output must not be sent. DKIM signatures do not survive conversion; {@link
 * #isSigned()} reports their presence.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6152#section-3">RFC 6152, 3; RFC 1428; RFC 2045, 6</a>
 */
public final class SevenBitConverter {
    /**
     * Conversion options.
     *
     * @param dropped selects fields of the message's own header to omit
     * @param eightBit whether the message contains octets above 127, so that a body of undeclared type has an unknown
     *     character set
     * @param opens whether signed and encrypted parts are converted like others, which invalidates their signatures
     */
    public record Options(Predicate<HeaderField> dropped, boolean eightBit, boolean opens) {
        /** Omits nothing and leaves signed parts unchanged. */
        public static final Options DEFAULT = new Options(field -> false, true, false);
    }

    private static final int MAX_HEADER = 1 << 20;
    private static final int MAX_LINE = PartEncoder.MAX_LINE;
    private static final int PROBE = 256;
    private static final int MAX_DEPTH = 50;

    private final Deque<String> boundaries = new ArrayDeque<>();
    private final StringBuilder header = new StringBuilder();
    private final StringBuilder probe = new StringBuilder();
    private @Nullable PartEncoder encoder;
    private boolean probing = true;
    private boolean crHeld;
    private boolean lineEndHeld;
    private boolean top = true;
    private boolean afterCr;
    private boolean sealed;
    private boolean signed;
    private final Options options;

    public SevenBitConverter() {
        this(Options.DEFAULT);
    }

    public SevenBitConverter(Options options) {
        this.options = options;
    }

    /**
     * Converts a chunk of the message.
     *
     * @param piece the chunk, which remains owned by the caller
     * @param out receives the output that is ready
     */
    public void feed(ByteBuf piece, ByteBuf out) {
        byte[] octets = ByteBufUtil.getBytes(piece);
        // Octets are written to an unpooled heap buffer and copied at once, because pooled buffers check each access.
        ByteBuf ready = Unpooled.buffer(octets.length * 3 / 2 + 64);
        for (byte octet : octets) {
            if (octet == '\n' && !afterCr) {
                octet((byte) '\r', ready);
            }
            octet(octet, ready);
            afterCr = octet == '\r';
        }
        out.writeBytes(ready);
    }

    /** Ends the message and writes the remaining output. */
    public void end(ByteBuf out) {
        if (encoder == null) {
            header.append(probe);
            probe.setLength(0);
            endHeader(out, false);
        }
        release(out, true);
        endPart(out);
    }

    private void endPart(ByteBuf out) {
        PartEncoder over = encoder;
        if (over != null) {
            over.end(out);
        }
        sealed |= over instanceof PartEncoder.Untouched untouched && untouched.isUnfit();
    }

    /** Returns whether a signed part was found that must not be changed but exceeds the limits. */
    public boolean isSealed() {
        return sealed;
    }

    /** Returns whether the message has a DKIM signature that was not omitted. */
    public boolean isSigned() {
        return signed;
    }

    private void octet(byte octet, ByteBuf out) {
        if (encoder == null) {
            headerOctet(octet, out);
        } else {
            bodyOctet(octet, out);
        }
    }

    private void headerOctet(byte octet, ByteBuf out) {
        probe.append((char) (octet & 0xFF));
        if (octet != '\n') {
            return;
        }
        boolean blank = probe.length() <= 2 && probe.toString().isBlank();
        if (blank || header.length() > MAX_HEADER) {
            sealed |= !blank;
            probe.setLength(0);
            endHeader(out, true);
        } else {
            header.append(probe);
            probe.setLength(0);
        }
    }

    /**
     * Processes one octet of a body. The beginning of a line is held until it cannot be a boundary. The CRLF before a
     * boundary belongs to it.
     */
    private void bodyOctet(byte octet, ByteBuf out) {
        if (!probing) {
            give(octet, out);
            probing = octet == '\n';
            return;
        }
        probe.append((char) (octet & 0xFF));
        if (octet == '\n') {
            String line = probe.toString();
            if (line.startsWith("--") && boundary(line.stripTrailing(), out)) {
                return;
            }
            release(out, false);
        } else if (probe.length() >= PROBE
                || probe.length() == 2 && !probe.toString().equals("--")) {
            release(out, false);
            probing = false;
        } else if (probe.length() == 1 && octet != '-') {
            release(out, false);
            probing = false;
        }
    }

    private void release(ByteBuf out, boolean atEnd) {
        for (int i = 0; i < probe.length(); i++) {
            give((byte) probe.charAt(i), out);
        }
        probe.setLength(0);
        if (atEnd) {
            flushLineEnd(out);
        }
    }

    /**
     * Passes an octet to the encoder. A line end is passed only when another octet follows, because it may belong to
     * a boundary.
     */
    private void give(byte octet, ByteBuf out) {
        if (octet == '\n' && crHeld && !lineEndHeld) {
            lineEndHeld = true;
            return;
        }
        flushLineEnd(out);
        if (octet == '\r') {
            crHeld = true;
        } else {
            put(octet, out);
        }
    }

    private void flushLineEnd(ByteBuf out) {
        if (crHeld) {
            put((byte) '\r', out);
        }
        if (lineEndHeld) {
            put((byte) '\n', out);
        }
        crHeld = false;
        lineEndHeld = false;
    }

    private void put(byte octet, ByteBuf out) {
        PartEncoder now = encoder;
        if (now != null) {
            now.octet(octet, out);
        }
    }

    private boolean boundary(String line, ByteBuf out) {
        String found = null;
        for (String known : boundaries) {
            if (line.equals("--" + known) || line.equals("--" + known + "--")) {
                found = known;
                break;
            }
        }
        if (found == null) {
            return false;
        }
        while (!found.equals(boundaries.peek())) {
            boundaries.pop();
        }
        if (encoder instanceof PartEncoder.Untouched) {
            flushLineEnd(out);
        }
        crHeld = false;
        lineEndHeld = false;
        endPart(out);
        out.writeBytes((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        probe.setLength(0);
        probing = true;
        if (line.endsWith("--") && !line.equals("--" + found)) {
            boundaries.pop();
            encoder = new PartEncoder.Plain();
        } else {
            encoder = null;
            header.setLength(0);
        }
        return true;
    }

    private void endHeader(ByteBuf out, boolean bodyFollows) {
        HeaderBlock block = HeaderBlock.read(header.toString());
        HeaderField typeField = block.first("Content-Type");
        HeaderField encodingField = block.first("Content-Transfer-Encoding");
        ContentType type = ContentType.of(typeField == null ? null : typeField.value());
        String encoding = encodingField == null
                ? ""
                : encodingField.value().toLowerCase(Locale.ROOT).strip().replaceFirst("[\\s;(].*", "");
        signed |= top
                && block.all("DKIM-Signature").stream()
                        .anyMatch(options.dropped().negate());
        String declared = choose(type, encoding);
        for (HeaderField field : block.fields()) {
            boolean left = top && options.dropped().test(field);
            if (!left && !field.is("Content-Transfer-Encoding")) {
                ascii(FieldEncoder.encode(field), out);
            }
        }
        writeMimeFields(block, typeField == null && bodyFollows, declared, out);
        top = false;
        // A line that is not a field also ends the header. It belongs to the body.
        String rest = block.length() < header.length() ? header.substring(block.length()) : "";
        header.setLength(0);
        if (bodyFollows || !rest.isEmpty()) {
            ascii("\r\n", out);
        }
        for (int i = 0; i < rest.length(); i++) {
            octet((byte) rest.charAt(i), out);
        }
    }

    /** Adds the fields that declare the message as MIME and the encoding of the part. */
    private void writeMimeFields(HeaderBlock block, boolean untypedBody, String declared, ByteBuf out) {
        if (top && !block.has("MIME-Version")) {
            ascii("MIME-Version: 1.0\r\n", out);
        }
        if (top && untypedBody) {
            // RFC 1428, 3: the meaning of the octets was not declared.
            ascii(
                    "Content-Type: text/plain; charset=" + (options.eightBit() ? "unknown-8bit" : "us-ascii") + "\r\n",
                    out);
        }
        if (!declared.isEmpty()) {
            ascii("Content-Transfer-Encoding: " + declared + "\r\n", out);
        }
    }

    /** Selects the encoder of a part and returns the encoding to declare. */
    private String choose(ContentType type, String encoding) {
        probing = true;
        boolean untouched = type.isSealed() && !options.opens() || type.isFragment();
        if (untouched && !isEncoded(encoding)) {
            encoder = new PartEncoder.Untouched();
            return encoding;
        } else if (type.isMultipart() && boundaries.size() < MAX_DEPTH) {
            boundaries.push(String.valueOf(type.boundary()));
            encoder = new PartEncoder.Plain();
            return "";
        } else if (type.isMessage() && !isEncoded(encoding) && boundaries.size() < MAX_DEPTH) {
            encoder = null;
            return "";
        } else if (encoding.equals("quoted-printable")) {
            encoder = new PartEncoder.QuotedPrintable(true);
            return encoding;
        } else if (encoding.equals("base64")) {
            encoder = new PartEncoder.Base64Lines();
            return encoding;
        } else if (isEncoded(encoding)) {
            // With an unknown encoding, such as x-uuencode, the content must keep matching its label.
            encoder = new PartEncoder.Plain();
            return encoding;
        } else if (type.type().equals("message")) {
            encoder = new PartEncoder.Plain();
            return "";
        } else if (type.isText()) {
            encoder = new PartEncoder.QuotedPrintable(false);
            return "quoted-printable";
        }
        encoder = new PartEncoder.Base64();
        return "base64";
    }

    private static boolean isEncoded(String encoding) {
        return !encoding.isEmpty()
                && !encoding.equals("7bit")
                && !encoding.equals("8bit")
                && !encoding.equals("binary");
    }

    private static void ascii(String text, ByteBuf out) {
        out.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
