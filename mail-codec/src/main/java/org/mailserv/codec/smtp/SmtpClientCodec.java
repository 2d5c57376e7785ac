package org.mailserv.codec.smtp;

import io.netty.channel.CombinedChannelDuplexHandler;

/**
 * The client side of the SMTP and LMTP wire format. It encodes {@link SmtpCommand}s and {@link SmtpContent} and
 * decodes {@link SmtpReply}s, or one {@link SmtpReplyFailure} for input that is not a reply. It does not wait for
 * replies: commands may be pipelined (RFC 2920), and the handler matches replies to commands.
 *
 * <p>Content after DATA is dot-stuffed and terminated after its {@link LastSmtpContent}. Content after BDAT is sent
 * unchanged, as is a {@link io.netty.channel.FileRegion} or {@link io.netty.buffer.ByteBuf}. After DATA, those must
 * need no dot-stuffing and end in CRLF, and an empty {@link LastSmtpContent} must end the body. The codec owns all
 * content once written.
 */
public final class SmtpClientCodec extends CombinedChannelDuplexHandler<SmtpReplyDecoder, SmtpCommandEncoder> {
    /**
     * Maximum octets kept of a reply line. The limit far exceeds the 512 of RFC 5321, 4.5.3.1.5, because some servers
     * send long explanations.
     */
    public static final int REPLY_LINE = 4096;

    /** Maximum lines kept of a reply. */
    public static final int REPLY_LINES = 1000;

    private final SmtpReplyDecoder decoder;

    public SmtpClientCodec() {
        this(REPLY_LINE, REPLY_LINES);
    }

    /**
     * @param replyLine maximum octets kept of a line; the rest is discarded
     * @param replyLines maximum lines kept of a reply; the others are discarded
     */
    public SmtpClientCodec(int replyLine, int replyLines) {
        decoder = new SmtpReplyDecoder(replyLine, replyLines);
        init(decoder, new SmtpCommandEncoder(decoder::startTlsSent));
    }

    /** Returns whether part of a reply has been received. */
    public boolean hasBufferedInput() {
        return decoder.hasBufferedInput();
    }

    /** Discards everything that was received before a TLS handshake. RFC 3207, 4.2. */
    public void discardPlaintext() {
        decoder.discardPlaintext();
    }
}
