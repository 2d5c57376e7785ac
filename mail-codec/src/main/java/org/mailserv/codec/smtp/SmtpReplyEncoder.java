package org.mailserv.codec.smtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.MessageToByteEncoder;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Encodes replies, each line within 512 octets (RFC 5321, 4.5.3.1.5), and notifies the decoder of each. */
final class SmtpReplyEncoder extends MessageToByteEncoder<Object> {
    private static final int MAX_LINE = 512;

    private final Consumer<SmtpReply> replied;

    SmtpReplyEncoder(Consumer<SmtpReply> replied) {
        super(Object.class);
        this.replied = replied;
    }

    @Override
    public boolean acceptOutboundMessage(Object message) {
        return message instanceof SmtpReply || message instanceof SmtpReplySequence;
    }

    @Override
    protected ByteBuf allocateBuffer(ChannelHandlerContext ctx, Object message, boolean preferDirect) {
        return ctx.alloc().ioBuffer(128);
    }

    @Override
    protected void encode(ChannelHandlerContext ctx, Object message, ByteBuf out) {
        if (message instanceof SmtpReply reply) {
            encode(reply, out);
        } else if (message instanceof SmtpReplySequence sequence) {
            sequence.replies().forEach(reply -> encode(reply, out));
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, io.netty.channel.ChannelPromise promise)
            throws Exception {
        super.write(ctx, message, promise);
        // Notified only now: the decoder may decode the next command at once, and its reply must follow this one.
        if (message instanceof SmtpReply reply) {
            replied.accept(reply);
        } else if (message instanceof SmtpReplySequence sequence) {
            replied.accept(sequence.replies().get(sequence.replies().size() - 1));
        }
    }

    private static void encode(SmtpReply reply, ByteBuf out) {
        List<String> lines = reply.lines();
        for (int i = 0; i < lines.size(); i++) {
            int start = out.writerIndex();
            writeCode(reply.code(), out);
            out.writeByte(i + 1 < lines.size() ? '-' : ' ');
            writeStatus(reply.status(), out);
            ByteBufUtil.writeUtf8(out, lines.get(i));
            if (out.writerIndex() - start > MAX_LINE - 2) {
                out.writerIndex(start + MAX_LINE - 2);
            }
            out.writeByte('\r').writeByte('\n');
        }
    }

    private static void writeCode(int code, ByteBuf out) {
        out.writeByte('0' + code / 100).writeByte('0' + code / 10 % 10).writeByte('0' + code % 10);
    }

    private static void writeStatus(@Nullable EnhancedStatus status, ByteBuf out) {
        if (status != null) {
            ByteBufUtil.writeAscii(out, status.toString());
            out.writeByte(' ');
        }
    }
}
