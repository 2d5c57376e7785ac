package org.mailserv.codec.smtp;

import io.netty.channel.CombinedChannelDuplexHandler;

/**
 * The client's side of SMTP and LMTP on the wire: writes {@link SmtpCommand}s and {@link SmtpContent}, reads {@link SmtpReply}s
 * and, where a server talks nonsense, one {@link SmtpReplyFailure}. It does not wait: commands may be written before the replies
 * to earlier ones have come (RFC 2920), and which reply belongs to which command is for the handler to count.
 *
 * <p>Content after a Data gets its dots and, with its {@link LastSmtpContent}, its end; content after a Bdat goes as it is. A
 * {@link io.netty.channel.FileRegion} or {@link io.netty.buffer.ByteBuf} goes as it is always: after Data only one that needs no dots and
 * ends in CRLF, and an empty {@link LastSmtpContent} ends the body behind it. All content is owned by the codec once written.
 */
public final class SmtpClientCodec extends CombinedChannelDuplexHandler<SmtpReplyDecoder, SmtpCommandEncoder> {
    /** Octets of a reply line that are kept: far over the 512 of RFC 5321, 4.5.3.1.5, because some servers explain at length. */
    public static final int REPLY_LINE = 4096;

    /** Lines of a reply that are kept. */
    public static final int REPLY_LINES = 1000;

    private final SmtpReplyDecoder decoder;

    public SmtpClientCodec() {
        this(REPLY_LINE, REPLY_LINES);
    }

    /**
     * @param replyLine octets of a line that are kept; the rest of it is dropped
     * @param replyLines lines of a reply that are kept; the others are dropped
     */
    public SmtpClientCodec(int replyLine, int replyLines) {
        decoder = new SmtpReplyDecoder(replyLine, replyLines);
        init(decoder, new SmtpCommandEncoder(decoder::startTlsSent));
    }

    /** Returns whether a part of a reply has come. */
    public boolean hasBufferedInput() {
        return decoder.hasBufferedInput();
    }

    /** Nothing that was sent before a TLS handshake survives it. RFC 3207, 4.2. */
    public void discardPlaintext() {
        decoder.discardPlaintext();
    }
}
