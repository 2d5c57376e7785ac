package org.mailserv.relay.smtp;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.mailserv.codec.mime.SevenBitConverter;

/** A streaming converter of one message to 7-bit form, with new signatures prepended. Single-threaded; used once. */
final class ContentConverter {
    private final SevenBitConverter converter;
    private String signatures;

    /** @param signatures header fields to prepend, each with its CRLF; one char per octet */
    ContentConverter(SevenBitConverter.Options options, String signatures) {
        this.converter = new SevenBitConverter(options);
        this.signatures = signatures;
    }

    /** Converts a piece, which the caller still owns. */
    void feed(ByteBuf piece, ByteBuf out) {
        begin(out);
        converter.feed(piece, out);
    }

    /** Converts the end of the message. */
    void end(ByteBuf out) {
        begin(out);
        converter.end(out);
    }

    private void begin(ByteBuf out) {
        out.writeCharSequence(signatures, StandardCharsets.ISO_8859_1);
        signatures = "";
    }

    /** Returns whether conversion would invalidate a signature that must be preserved. */
    boolean isSealed() {
        return converter.isSealed();
    }

    /** Returns whether third-party DKIM signatures were invalidated. */
    boolean isSigned() {
        return converter.isSigned();
    }
}
