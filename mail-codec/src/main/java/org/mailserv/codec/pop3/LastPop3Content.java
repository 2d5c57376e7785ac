package org.mailserv.codec.pop3;

import io.netty.buffer.ByteBuf;

/**
 * The end of a multi-line reply. Its buffer may be empty. The encoder adds a missing final CRLF and the terminating
 * line.
 */
public final class LastPop3Content extends Pop3Content {
    public LastPop3Content(ByteBuf data) {
        super(data);
    }

    @Override
    public LastPop3Content replace(ByteBuf content) {
        return new LastPop3Content(content);
    }
}
