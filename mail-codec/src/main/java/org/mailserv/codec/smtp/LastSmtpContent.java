package org.mailserv.codec.smtp;

import io.netty.buffer.ByteBuf;

/**
 * The end of the content of one DATA or BDAT command. Its buffer may be empty. Exactly one follows each accepted DATA
 * and each BDAT, once the end has been read.
 */
public final class LastSmtpContent extends SmtpContent {
    private final ContentResult result;

    public LastSmtpContent(ByteBuf data, ContentResult result) {
        super(data);
        this.result = result;
    }

    /** Returns the defect of the body, or {@link ContentResult#OK}. */
    public ContentResult result() {
        return result;
    }

    @Override
    public LastSmtpContent replace(ByteBuf content) {
        return new LastSmtpContent(content, result);
    }
}
