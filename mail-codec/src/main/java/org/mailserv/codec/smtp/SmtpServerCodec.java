package org.mailserv.codec.smtp;

import io.netty.channel.CombinedChannelDuplexHandler;

/**
 * The server side of the SMTP and LMTP wire format. It decodes {@link SmtpObject}s and encodes {@link SmtpReply}s and
 * {@link SmtpReplySequence}s.
 *
 * <p>It emits one command and then nothing until its reply has been written. The reply determines the next frame: a
 * body after 354, a line of AUTH after 334, otherwise a command. Nothing is emitted before the greeting. The octets
 * of BDAT follow it immediately and are answered once, after the {@link LastSmtpContent}. All methods run on the
 * event loop.
 */
public final class SmtpServerCodec extends CombinedChannelDuplexHandler<SmtpCommandDecoder, SmtpReplyEncoder> {
    private final SmtpCommandDecoder decoder;

    public SmtpServerCodec(SmtpServerLimits limits) {
        decoder = new SmtpCommandDecoder(limits);
        init(decoder, new SmtpReplyEncoder(decoder::replied));
    }

    /**
     * Returns whether octets have been received that no reply has asked for yet. Before the greeting, or after DATA
     * before its reply, these come from a client that talks too early. RFC 5321, 4.3.1; RFC 2920, 3.1.
     */
    public boolean hasBufferedInput() {
        return decoder.hasBufferedInput();
    }

    /** Suspends content while the receiver is saturated. */
    public void pause(boolean pause) {
        decoder.pause(pause);
    }

    /** Discards everything that was sent before a TLS handshake. RFC 3207, 4.2. */
    public void discardPlaintext() {
        decoder.discardPlaintext();
    }

    /** Discards all further input. */
    public void closeInput() {
        decoder.closeInput();
    }

    /**
     * Records that the client has closed its side of a TLS session. An {@code EndOfInput} event follows once all
     * received commands have been answered. The shutdown of the connection itself is detected without this call.
     */
    public void inputEnded() {
        decoder.inputEnded();
    }
}
