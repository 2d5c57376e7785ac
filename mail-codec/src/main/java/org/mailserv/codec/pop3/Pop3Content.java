package org.mailserv.codec.pop3;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.DefaultByteBufHolder;

/**
 * A chunk of a multi-line reply before byte-stuffing, with CRLF line ends. Chunks may be split anywhere. The encoder
 * stuffs the chunk and takes ownership of its buffer. RFC 1939, 3.
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
