package org.mailserv.relay.smtp;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.mailserv.codec.mime.SevenBitConverter;

/** Makes one message fit for 7 bits while its octets pass, with new signatures before it. One thread, once. */
final class ContentConverter {
    private final SevenBitConverter converter;
    private String signatures;

    /** @param signatures fields that go before the message, each with its CRLF; a char an octet */
    ContentConverter(SevenBitConverter.Options options, String signatures) {
        this.converter = new SevenBitConverter(options);
        this.signatures = signatures;
    }

    /** Takes a piece, which stays the caller's. */
    void feed(ByteBuf piece, ByteBuf out) {
        begin(out);
        converter.feed(piece, out);
    }

    /** Ends the message. */
    void end(ByteBuf out) {
        begin(out);
        converter.end(out);
    }

    private void begin(ByteBuf out) {
        out.writeCharSequence(signatures, StandardCharsets.ISO_8859_1);
        signatures = "";
    }

    /** Returns whether a signature that has to stay valid would not. */
    boolean isSealed() {
        return converter.isSealed();
    }

    /** Returns whether DKIM signatures of others have become wrong. */
    boolean isSigned() {
        return converter.isSigned();
    }
}
