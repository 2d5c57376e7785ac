package org.mailserv.codec.pop3;

import io.netty.buffer.ByteBuf;

/** The end of a multi-line reply; its buffer may be empty. A missing final CRLF and the terminating line are added to it. */
public final class LastPop3Content extends Pop3Content {
    public LastPop3Content(ByteBuf data) {
        super(data);
    }

    @Override
    public LastPop3Content replace(ByteBuf content) {
        return new LastPop3Content(content);
    }
}
