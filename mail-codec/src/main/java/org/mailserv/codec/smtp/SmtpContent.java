package org.mailserv.codec.smtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.DefaultByteBufHolder;

/**
 * A chunk of a message in the form in which it is stored: without dot-stuffing or final dot, with CRLF line ends.
 * DATA and BDAT produce the same chunks. The receiver owns the buffer and releases it.
 */
public sealed class SmtpContent extends DefaultByteBufHolder implements SmtpObject permits LastSmtpContent {
    public SmtpContent(ByteBuf data) {
        super(data);
    }

    @Override
    public SmtpContent replace(ByteBuf content) {
        return new SmtpContent(content);
    }
}
