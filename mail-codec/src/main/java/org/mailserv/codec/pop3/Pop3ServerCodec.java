package org.mailserv.codec.pop3;

import io.netty.channel.CombinedChannelDuplexHandler;

/**
 * The server's side of POP3 on the wire: reads {@link Pop3Command}s, writes {@link Pop3Reply}s and the {@link Pop3Content} of multi-line
 * ones up to a {@link LastPop3Content}. Gives one command, then nothing until its reply is complete; before the greeting
 * nothing. All methods on the event loop.
 */
public final class Pop3ServerCodec extends CombinedChannelDuplexHandler<Pop3CommandDecoder, Pop3ReplyEncoder> {
    /** RFC 2449, 4: 255 octets with CRLF. */
    public static final int COMMAND_LINE = 255;
    /** RFC 5034, 4 leaves it to the server; RFC 4954 has this for SMTP. */
    public static final int AUTH_LINE = 12288;

    private final Pop3CommandDecoder decoder;

    public Pop3ServerCodec() {
        this(COMMAND_LINE, AUTH_LINE);
    }

    /**
     * @param commandLine most octets of a command line with its CRLF
     * @param authLine most octets of a line of an AUTH exchange
     */
    public Pop3ServerCodec(int commandLine, int authLine) {
        decoder = new Pop3CommandDecoder(commandLine, authLine);
        init(decoder, new Pop3ReplyEncoder(decoder::replied, decoder::ended));
    }

    /** Nothing that was sent before a TLS handshake survives it. RFC 2595, 4. */
    public void discardPlaintext() {
        decoder.discardPlaintext();
    }

    /**
     * Notes that the client has closed its side of a TLS session; that of the connection itself is noted without this. An {@code EndOfInput}
     * event follows when all that has come is answered.
     */
    public void inputEnded() {
        decoder.inputEnded();
    }
}
