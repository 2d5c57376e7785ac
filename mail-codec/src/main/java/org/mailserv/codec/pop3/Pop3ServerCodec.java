package org.mailserv.codec.pop3;

import io.netty.channel.CombinedChannelDuplexHandler;

/**
 * The server side of the POP3 wire format. It decodes {@link Pop3Command}s and encodes {@link Pop3Reply}s, with the
 * {@link Pop3Content} of multi-line replies up to a {@link LastPop3Content}. It emits one command and then none until
 * its reply is complete, and none before the greeting. All methods run on the event loop.
 */
public final class Pop3ServerCodec extends CombinedChannelDuplexHandler<Pop3CommandDecoder, Pop3ReplyEncoder> {
    /** Maximum octets of a command line including CRLF. RFC 2449, 4. */
    public static final int COMMAND_LINE = 255;
    /**
     * Maximum octets of a line in an AUTH exchange. RFC 5034, 4 leaves the limit to the server; this is the limit of
     * RFC 4954 for SMTP.
     */
    public static final int AUTH_LINE = 12288;

    private final Pop3CommandDecoder decoder;

    public Pop3ServerCodec() {
        this(COMMAND_LINE, AUTH_LINE);
    }

    /**
     * @param commandLine maximum octets of a command line including CRLF
     * @param authLine maximum octets of a line in an AUTH exchange
     */
    public Pop3ServerCodec(int commandLine, int authLine) {
        decoder = new Pop3CommandDecoder(commandLine, authLine);
        init(decoder, new Pop3ReplyEncoder(decoder::replied, decoder::ended));
    }

    /** Discards everything that was sent before a TLS handshake. RFC 2595, 4. */
    public void discardPlaintext() {
        decoder.discardPlaintext();
    }

    /**
     * Records that the client has closed its side of a TLS session. An {@code EndOfInput} event follows once all
     * received commands have been answered. The shutdown of the connection itself is detected without this call.
     */
    public void inputEnded() {
        decoder.inputEnded();
    }
}
