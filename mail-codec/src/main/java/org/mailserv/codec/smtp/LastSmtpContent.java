package org.mailserv.codec.smtp;

import io.netty.buffer.ByteBuf;

/**
 * The end of what one DATA, or one BDAT, sent; its buffer may be empty. Exactly one comes after each accepted DATA and after
 * each BDAT, once the true end has been read.
 */
public final class LastSmtpContent extends SmtpContent {
    private final ContentResult result;

    public LastSmtpContent(ByteBuf data, ContentResult result) {
        super(data);
        this.result = result;
    }

    /** What was wrong with the body, or {@link ContentResult#OK}. */
    public ContentResult result() {
        return result;
    }

    @Override
    public LastSmtpContent replace(ByteBuf content) {
        return new LastSmtpContent(content, result);
    }
}
