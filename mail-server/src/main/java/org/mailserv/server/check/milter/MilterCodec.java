package org.mailserv.server.check.milter;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.check.milter.MilterAnswer.Change;
import org.mailserv.server.check.milter.MilterAnswer.Kind;

/**
 * Encodes commands and decodes responses of the milter protocol, version 6. A packet is a length of four octets, a code of one octet, and the
 * data. The length of incoming packets is removed by a frame decoder before.
 */
final class MilterCodec {
    /** The largest packet that is accepted from a filter, in octets. */
    static final int MAX_PACKET = 1 << 20;

    /** The most data that one packet carries to a filter, in octets. */
    static final int MAX_DATA = 65_535;

    static final int VERSION = 6;

    /** The actions that are offered to filters: add a header field, change one, quarantine. */
    static final int ACTIONS = 0x01 | 0x10 | 0x20;

    /** The option by which a filter announces that it may reply with "skip". */
    static final int SKIP = 0x400;

    /** The options that are offered: a filter may decline any command, but replies to each command that it receives. */
    private static final int OPTIONS = 0x7FF;

    private static final int OPTIONS_LENGTH = 12;

    private MilterCodec() {}

    /** Encodes a command. The caller owns the buffer. */
    static ByteBuf encode(MilterCommand command, byte[] data) {
        return Unpooled.buffer(data.length + 5)
                .writeInt(data.length + 1)
                .writeByte(command.code())
                .writeBytes(data);
    }

    /** Encodes the macros that precede a command. The caller owns the buffer. */
    static ByteBuf encodeMacros(MilterCommand command, Map<String, String> macros) {
        StringBuilder text = new StringBuilder().append(command.code());
        macros.forEach(
                (name, value) -> text.append(name).append('\0').append(value).append('\0'));
        return encode(MilterCommand.MACROS, text.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** Returns the data of the option negotiation. */
    static byte[] options() {
        byte[] data = new byte[OPTIONS_LENGTH];
        Unpooled.wrappedBuffer(data).clear().writeInt(VERSION).writeInt(ACTIONS).writeInt(OPTIONS);
        return data;
    }

    /**
     * Decodes a response.
     *
     * @param packet the code and the data; stays the caller's
     */
    static MilterResponse decode(ByteBuf packet) {
        if (!packet.isReadable()) {
            return new MilterResponse.Malformed("empty packet");
        }
        char code = (char) packet.readByte();
        return switch (code) {
            case 'O' ->
                packet.readableBytes() < OPTIONS_LENGTH
                        ? new MilterResponse.Unknown(code)
                        : new MilterResponse.Options(packet.readInt(), packet.readInt(), packet.readInt());
            case 'c' -> new MilterResponse.Continue();
            case 'a' -> new MilterResponse.Accept();
            case 's' -> new MilterResponse.Skip();
            case 'd' -> new MilterResponse.Discard();
            case 'p' -> new MilterResponse.Progress();
            case 'r' -> refuse(550, "5.7.1", "Command rejected");
            case 't' -> refuse(451, "4.7.1", "Service unavailable - try again later");
            case '4', 'f' -> refuse(421, "4.7.1", "Service not available, closing connection");
            case 'y' -> new MilterResponse.Refuse(MilterReply.parse(text(packet)));
            case 'h' -> change(Kind.ADD, 0, packet);
            case 'i' -> change(Kind.INSERT, index(packet), packet);
            case 'm' -> change(Kind.CHANGE, index(packet), packet);
            case 'q' -> new MilterResponse.Quarantine(text(packet));
            case 'b' -> new MilterResponse.NotOffered("replace the body");
            case '+', '2' -> new MilterResponse.NotOffered("add a recipient");
            case '-' -> new MilterResponse.NotOffered("delete a recipient");
            case 'e' -> new MilterResponse.NotOffered("change the sender");
            default -> new MilterResponse.Unknown(code);
        };
    }

    private static MilterResponse refuse(int code, String status, String text) {
        return new MilterResponse.Refuse(SmtpReply.of(code, status, text));
    }

    private static int index(ByteBuf packet) {
        return packet.readableBytes() < 4 ? 0 : packet.readInt();
    }

    private static MilterResponse change(Kind kind, int index, ByteBuf packet) {
        String[] parts = text(packet).split("\0", -1);
        return parts.length < 2
                ? new MilterResponse.Malformed("malformed change of a header field")
                : new MilterResponse.ChangeHeader(new Change(kind, index, parts[0], parts[1]));
    }

    /** Returns the rest of a packet without its final zero, one character per octet. */
    private static String text(ByteBuf packet) {
        String text = packet.readCharSequence(Math.min(packet.readableBytes(), MAX_PACKET), StandardCharsets.ISO_8859_1)
                .toString();
        return text.endsWith("\0") ? text.substring(0, text.length() - 1) : text;
    }
}
