package org.mailserv.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.mailserv.codec.address.PathParser;
import org.mailserv.codec.header.FieldCounter;
import org.mailserv.codec.header.HeaderBlock;
import org.mailserv.codec.mime.SevenBitConverter;
import org.mailserv.codec.smtp.SmtpReplies;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.codec.smtp.SmtpServerCodec;
import org.mailserv.codec.smtp.SmtpServerLimits;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What the codecs cost, by JMH with its allocation figures: {@code bench/codec}. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CodecBenchmarks {
    private static final byte[] DATA = "DATA\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final String LINE = "0123456789".repeat(7) + "\r\n";

    private EmbeddedChannel channel;
    private ByteBuf envelope;
    private ByteBuf body;
    private byte[] header;
    private ByteBuf headerBuffer;
    private ByteBuf eightBit;

    @Setup
    public void setUp() {
        channel = new EmbeddedChannel(new SmtpServerCodec(SmtpServerLimits.defaults()));
        reply(SmtpReply.of(220, "bench"));
        envelope = direct("MAIL FROM:<sender@example.net> SIZE=10240\r\nRCPT TO:<user@example.org>\r\n");
        body = direct("Subject: x\r\n\r\n" + LINE.repeat(142) + ".\r\n");
        String fields = ("Received: from a.example (a.example [192.0.2.1])\r\n\tby b.example with ESMTPS id x;\r\n\t"
                        + "Sat, 21 Nov 2026 12:00:00 +0000\r\n").repeat(6)
                + "From: Joe <joe@example.net>\r\nTo: Kim <kim@example.org>\r\nSubject: lunch\r\nMessage-ID: <1@example.net>\r\n"
                + "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n";
        header = fields.getBytes(StandardCharsets.US_ASCII);
        headerBuffer = direct(fields);
        eightBit = Unpooled.copiedBuffer(
                "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
                        + "Gr\u00fc\u00dfe aus K\u00f6ln\r\n".repeat(400),
                StandardCharsets.UTF_8);
    }

    private static ByteBuf direct(String text) {
        ByteBuf octets = PooledByteBufAllocator.DEFAULT.directBuffer();
        octets.writeCharSequence(text, StandardCharsets.US_ASCII);
        return octets;
    }

    private void reply(SmtpReply reply) {
        channel.writeOutbound(reply);
        channel.releaseOutbound();
    }

    private int drain() {
        int count = 0;
        for (Object message = channel.readInbound(); message != null; message = channel.readInbound()) {
            ReferenceCountUtil.release(message);
            count++;
        }
        return count;
    }

    /** MAIL and RCPT, from octets to commands. */
    @Benchmark
    public int envelope() {
        channel.writeInbound(envelope.retainedDuplicate());
        int count = drain();
        reply(SmtpReplies.R250_OK);
        reply(SmtpReplies.R250_OK);
        return count + drain();
    }

    /** DATA, 354 and 10 KiB of body, from octets to content. */
    @Benchmark
    public int body() {
        channel.writeInbound(Unpooled.wrappedBuffer(DATA));
        drain();
        reply(SmtpReplies.R354_SEND_MESSAGE);
        channel.writeInbound(body.retainedDuplicate());
        int count = drain();
        reply(SmtpReplies.R250_OK);
        return count;
    }

    @Benchmark
    public Object path() {
        return PathParser.parseForwardPath("<user+tag@mail.example.org>");
    }

    /** A header of twelve fields, read into fields. */
    @Benchmark
    public Object header() {
        return HeaderBlock.read(header);
    }

    /** The same, looked through for Received. */
    @Benchmark
    public int hops() {
        FieldCounter counter = new FieldCounter("Received");
        counter.look(headerBuffer.duplicate());
        return counter.count();
    }

    /** 7 KiB of 8-bit text made fit for 7 bits. */
    @Benchmark
    public int sevenBit() {
        ByteBuf out = PooledByteBufAllocator.DEFAULT.directBuffer(32 * 1024);
        SevenBitConverter converter = new SevenBitConverter();
        converter.feed(eightBit.duplicate(), out);
        converter.end(out);
        int octets = out.readableBytes();
        out.release();
        return octets;
    }
}
