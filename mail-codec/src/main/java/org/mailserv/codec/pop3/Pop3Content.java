package org.mailserv.codec.pop3;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.DefaultByteBufHolder;

/**
 * A piece of a multi-line reply before byte-stuffing, CRLF line ends, cut anywhere. The encoder takes the buffer over and
 * stuffs it. RFC 1939, 3.
 */
public class Pop3Content extends DefaultByteBufHolder {
    public Pop3Content(ByteBuf data) {
        super(data);
    }

    @Override
    public Pop3Content replace(ByteBuf content) {
        return new Pop3Content(content);
    }
}
