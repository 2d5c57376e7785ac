package org.mailserv.codec.smtp;

import io.netty.channel.CombinedChannelDuplexHandler;

/**
 * The server's side of SMTP and LMTP on the wire: reads {@link SmtpObject}s, writes {@link SmtpReply}s and {@link SmtpReplySequence}s.
 * Gives one command, then nothing until a reply has been written, which decides what comes next: after 354 a body, after 334 a line of
 * AUTH, else a command; before the greeting nothing. BDAT is followed by its octets at once and answered once, after the
 * {@link LastSmtpContent}. All methods on the event loop.
 */
public final class SmtpServerCodec extends CombinedChannelDuplexHandler<SmtpCommandDecoder, SmtpReplyEncoder> {
    private final SmtpCommandDecoder decoder;

    public SmtpServerCodec(SmtpServerLimits limits) {
        decoder = new SmtpCommandDecoder(limits);
        init(decoder, new SmtpReplyEncoder(decoder::replied));
    }

    /**
     * Whether octets have come that no reply has asked for yet. Before the greeting, or behind DATA before its reply, that is a client
     * that talks too early. RFC 5321, 4.3.1; RFC 2920, 3.1.
     */
    public boolean hasBufferedInput() {
        return decoder.hasBufferedInput();
    }

    /** Holds content back while the receiver is full. */
    public void pause(boolean pause) {
        decoder.pause(pause);
    }

    /** Nothing that was sent before a TLS handshake survives it. RFC 3207, 4.2. */
    public void discardPlaintext() {
        decoder.discardPlaintext();
    }

    /** Reads and drops all that still comes. */
    public void closeInput() {
        decoder.closeInput();
    }

    /**
     * Notes that the client has closed its side of a TLS session; that of the connection itself is noted without this. An {@code EndOfInput}
     * event follows when all that has come is answered.
     */
    public void inputEnded() {
        decoder.inputEnded();
    }
}
