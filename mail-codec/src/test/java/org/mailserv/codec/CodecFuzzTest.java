package org.mailserv.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.PathParser;
import org.mailserv.codec.header.AddressList;
import org.mailserv.codec.header.HeaderBlock;
import org.mailserv.codec.mime.SevenBitConverter;
import org.mailserv.codec.pop3.Pop3Command;
import org.mailserv.codec.pop3.Pop3Reply;
import org.mailserv.codec.pop3.Pop3ServerCodec;
import org.mailserv.codec.smtp.LastSmtpContent;
import org.mailserv.codec.smtp.SmtpClientCodec;
import org.mailserv.codec.smtp.SmtpCommand;
import org.mailserv.codec.smtp.SmtpContent;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.codec.smtp.SmtpServerCodec;
import org.mailserv.codec.smtp.SmtpServerLimits;

/**
 * Feeds arbitrary octets to all parsers: none throws, nothing leaks, and the chunking of the input makes no
 * difference. Runs over the stored corpus in every build, and with {@code JAZZER_FUZZ=1} (one method at a time) over
 * Jazzer's inputs.
 */
class CodecFuzzTest {
    @FuzzTest(maxDuration = "2m")
    void addresses(byte[] data) {
        String text = new String(data, StandardCharsets.UTF_8);
        PathParser.parseReversePath(text);
        PathParser.parseForwardPath(text);
        Address address = PathParser.parseAddress(text);
        if (address != null) {
            assertThat(PathParser.parseAddress(address.toString())).isEqualTo(address);
        }
    }

    @FuzzTest(maxDuration = "2m")
    void headers(byte[] data) {
        HeaderBlock.read(data);
        AddressList.parse(new String(data, StandardCharsets.UTF_8), "example.org");
    }

    @FuzzTest(maxDuration = "2m")
    void smtpServer(byte[] data) {
        cutsChangeNothing(() -> new SmtpServerCodec(SmtpServerLimits.defaults()), data);
    }

    @FuzzTest(maxDuration = "2m")
    void smtpClient(byte[] data) {
        cutsChangeNothing(SmtpClientCodec::new, data);
    }

    @FuzzTest(maxDuration = "2m")
    void pop3Server(byte[] data) {
        cutsChangeNothing(Pop3ServerCodec::new, data);
    }

    @Test
    void theTargetsGetThroughAWholeSession() {
        byte[] session = "EHLO x\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<d@e.f>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n"
                .getBytes(StandardCharsets.US_ASCII);
        assertThat(read(new SmtpServerCodec(SmtpServerLimits.defaults()), session, 1))
                .containsExactly("Ehlo", "Mail", "Rcpt", "Data", "LastSmtpContent", "Quit");
        byte[] fetch = "USER a\r\nLIST\r\nRETR 1\r\nQUIT\r\n".getBytes(StandardCharsets.US_ASCII);
        assertThat(read(new Pop3ServerCodec(), fetch, 3)).hasSize(4);
    }

    private static void cutsChangeNothing(Supplier<ChannelHandler> codec, byte[] data) {
        List<String> whole = read(codec.get(), data, data.length);
        List<String> cut = read(codec.get(), data, 1 + Math.floorMod(data.length, 7));
        // Octets sent along with STARTTLS or STLS must be rejected, so there chunking does matter.
        if (!whole.contains("StartTls")
                && !cut.contains("StartTls")
                && !whole.contains("Stls")
                && !cut.contains("Stls")) {
            assertThat(cut).isEqualTo(whole);
        }
    }

    private static List<String> read(ChannelHandler codec, byte[] data, int step) {
        List<String> read = new ArrayList<>();
        EmbeddedChannel channel = new EmbeddedChannel(codec, new Session(read));
        // In both protocols the server sends first and decodes nothing before its greeting.
        if (codec instanceof SmtpServerCodec) {
            channel.writeOutbound(SmtpReply.of(220, "Hello"));
        } else if (codec instanceof Pop3ServerCodec) {
            channel.writeOutbound(Pop3Reply.ok("Hello"));
        }
        for (int at = 0; at < data.length; at += step) {
            channel.writeInbound(Unpooled.copiedBuffer(data, at, Math.min(step, data.length - at)));
        }
        channel.finishAndReleaseAll();
        return read;
    }

    /** Records the input and answers each command before the next is decoded. */
    private static final class Session extends ChannelInboundHandlerAdapter {
        private final List<String> read;

        Session(List<String> read) {
            this.read = read;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            // Content arrives in the chunks of the network.
            if (!(message instanceof SmtpContent) || message instanceof LastSmtpContent) {
                read.add(message.getClass().getSimpleName());
            }
            ReferenceCountUtil.release(message);
            if (message instanceof SmtpCommand.Bdat) {
                return;
            } else if (message instanceof SmtpCommand) {
                ctx.writeAndFlush(SmtpReply.of(message instanceof SmtpCommand.Data ? 354 : 250, "Ok"));
            } else if (message instanceof LastSmtpContent) {
                ctx.writeAndFlush(SmtpReply.of(250, "Ok"));
            } else if (message instanceof Pop3Command) {
                ctx.writeAndFlush(Pop3Reply.ok("Ok"));
            }
        }
    }

    @FuzzTest(maxDuration = "2m")
    void sevenBits(byte[] data) {
        SevenBitConverter converter = new SevenBitConverter();
        ByteBuf out = Unpooled.buffer();
        int half = data.length / 2;
        converter.feed(Unpooled.wrappedBuffer(data, 0, half), out);
        converter.feed(Unpooled.wrappedBuffer(data, half, data.length - half), out);
        converter.end(out);
        out.release();
    }
}
