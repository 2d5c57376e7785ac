package org.mailserv.server.dns.resolver;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramPacket;
import org.jspecify.annotations.Nullable;

/**
 * Restores the question section of answers that lack it or change its case. Netty treats such answers as forged and
 * waits until the timeout. But servers that predate EDNS answer FORMERR with only a header (RFC 6891, 7), and some
 * change the case of names (RFC 4343). Netty still verifies the id and the server. One instance serves one channel
 * and one query.
 */
final class QuestionRepair extends ChannelDuplexHandler {
    private static final int HEADER = 12;
    private static final int TYPE_AND_CLASS = 4;
    private static final int OPT = 41;

    private byte @Nullable [] question;
    private int id;

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (message instanceof DatagramPacket packet) {
            ByteBuf content = packet.content();
            int length = questionLength(content);
            if (length > 0) {
                id = content.getUnsignedShort(content.readerIndex());
                byte[] octets = new byte[length];
                content.getBytes(content.readerIndex() + HEADER, octets);
                question = octets;
            }
        }
        context.write(message, promise);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        byte[] asked = question;
        if (message instanceof DatagramPacket packet && asked != null) {
            context.fireChannelRead(repaired(context, packet, asked));
        } else {
            context.fireChannelRead(message);
        }
    }

    private DatagramPacket repaired(ChannelHandlerContext context, DatagramPacket packet, byte[] asked) {
        ByteBuf content = packet.content();
        int at = content.readerIndex();
        if (content.readableBytes() < HEADER || content.getUnsignedShort(at) != id) {
            return packet;
        }
        int questions = content.getUnsignedShort(at + 4);
        if (questions == 1 && isOtherCase(content, asked)) {
            content.setBytes(at + HEADER, asked);
        } else if (questions == 0 && isError(content)) {
            ByteBuf whole = context.alloc().buffer(content.readableBytes() + asked.length);
            whole.writeBytes(content, at, HEADER).writeBytes(asked);
            whole.setShort(4, 1);
            // Only an OPT record can matter. Its name, the root, needs no compression.
            whole.writeBytes(content, at + HEADER, content.readableBytes() - HEADER);
            DatagramPacket repaired = new DatagramPacket(whole, packet.recipient(), packet.sender());
            packet.release();
            return repaired;
        }
        return packet;
    }

    /** Returns the length of the only question, or 0 if there is no complete one. */
    private static int questionLength(ByteBuf content) {
        int start = content.readerIndex() + HEADER;
        int at = start;
        int end = content.writerIndex();
        while (at < end && content.getByte(at) != 0) {
            at += content.getUnsignedByte(at) + 1;
        }
        return at + 1 + TYPE_AND_CLASS > end ? 0 : at + 1 + TYPE_AND_CLASS - start;
    }

    private static boolean isOtherCase(ByteBuf content, byte[] asked) {
        int start = content.readerIndex() + HEADER;
        if (content.writerIndex() - start < asked.length) {
            return false;
        }
        int name = asked.length - TYPE_AND_CLASS;
        for (int i = 0; i < asked.length; i++) {
            byte octet = content.getByte(start + i);
            if (octet != asked[i] && (i >= name || lower(octet) != lower(asked[i]))) {
                return false;
            }
        }
        return true;
    }

    private static int lower(byte octet) {
        return octet >= 'A' && octet <= 'Z' ? octet + ('a' - 'A') : octet;
    }

    /** Returns whether this is an error answer without records, including the extended bits in an OPT record. */
    private static boolean isError(ByteBuf content) {
        int at = content.readerIndex();
        boolean answer = (content.getByte(at + 2) & 0x80) != 0;
        boolean records = content.getInt(at + 6) != 0;
        if (!answer || records) {
            return false;
        }
        int opt = at + HEADER;
        boolean upper = content.getUnsignedShort(at + 10) == 1
                && content.writerIndex() >= opt + 11
                && content.getByte(opt) == 0
                && content.getUnsignedShort(opt + 1) == OPT
                && content.getByte(opt + 5) != 0;
        return (content.getByte(at + 3) & 0x0F) != 0 || upper;
    }
}
