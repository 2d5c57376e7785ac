package org.mailserv.codec.smtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.DefaultByteBufHolder;

/**
 * A piece of a message as it is stored: dots undone, CRLF kept, no final dot; the same for DATA and BDAT. The receiver owns
 * the buffer and releases it.
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
