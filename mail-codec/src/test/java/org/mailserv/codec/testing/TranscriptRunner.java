package org.mailserv.codec.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Plays a transcript over a real pipeline: each group as one buffer, octet by octet, and split at every offset. */
public final class TranscriptRunner {
    private static final long PATIENCE_NANOS = 10_000_000_000L;

    private final Supplier<EmbeddedChannel> server;
    private final Later answers;

    /** @param server creates a connection to a server in a known state */
    public TranscriptRunner(Supplier<EmbeddedChannel> server) {
        this(server, new Later());
    }

    /**
     * @param server creates a connection to a server in a known state
     * @param answers runs the answers of the server's services
     */
    public TranscriptRunner(Supplier<EmbeddedChannel> server, Later answers) {
        this.server = server;
        this.answers = answers;
    }

    /** Plays the transcript in every way. */
    public void runAll(Transcript transcript) {
        run(transcript, Integer.MAX_VALUE);
        runOctetByOctet(transcript);
        int longest = transcript.steps().stream()
                .mapToInt(step -> step.client().length)
                .max()
                .orElse(0);
        // Splits at every offset where commands can occur. The rest of a long body is uniform.
        for (int cut = 1; cut < Math.min(longest, 400); cut++) {
            run(transcript, cut);
        }
    }

    /** Plays the transcript with every client group split once. */
    public void run(Transcript transcript, int cut) {
        play(transcript, "cut at " + cut, (channel, octets) -> {
            int first = Math.min(cut, octets.length);
            write(channel, octets, 0, first);
            if (first < octets.length) {
                write(channel, octets, first, octets.length);
            }
        });
    }

    /** Plays the transcript one octet at a time. */
    public void runOctetByOctet(Transcript transcript) {
        play(transcript, "octet by octet", (channel, octets) -> {
            for (int i = 0; i < octets.length; i++) {
                write(channel, octets, i, i + 1);
            }
        });
    }

    private interface Feeder {
        void feed(EmbeddedChannel channel, byte[] octets);
    }

    private static void write(EmbeddedChannel channel, byte[] octets, int from, int to) {
        if (channel.isOpen() && to > from) {
            // The reader index is above zero, as after a TLS handler or a proxy header.
            ByteBuf piece = Unpooled.buffer(to - from + 3).writeMedium(0).skipBytes(3);
            channel.writeInbound(piece.writeBytes(octets, from, to - from));
        }
    }

    private void play(Transcript transcript, String how, Feeder feeder) {
        EmbeddedChannel channel = server.get();
        StringBuilder received = new StringBuilder();
        try {
            for (Transcript.Step step : transcript.steps()) {
                feeder.feed(channel, step.client());
                List<String> lines = new ArrayList<>();
                for (Transcript.Expected expected : step.server()) {
                    String line = readLine(channel, received);
                    lines.add(line);
                    assertThat(expected.fits(line))
                            .as(
                                    "%s, %s: got \"%s\" for \"%s\" behind %s",
                                    transcript.name(), how, line, expected, lines)
                            .isTrue();
                }
                if (step.closes()) {
                    awaitClosed(channel, transcript.name() + ", " + how);
                }
            }
            drain(channel, received);
            assertThat(received.toString())
                    .as("%s, %s: more than expected", transcript.name(), how)
                    .isEmpty();
        } finally {
            answers.runAll();
            channel.finishAndReleaseAll();
            answers.runAll();
        }
    }

    private String readLine(EmbeddedChannel channel, StringBuilder received) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (true) {
            int end = received.indexOf("\r\n");
            if (end >= 0) {
                String line = received.substring(0, end);
                received.delete(0, end + 2);
                return new String(line.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
            }
            if (!drain(channel, received)) {
                if (System.nanoTime() > deadline) {
                    return "<nothing; buffered: \"" + received + "\", open: " + channel.isOpen() + ">";
                }
                Thread.onSpinWait();
            }
        }
    }

    private boolean drain(EmbeddedChannel channel, StringBuilder received) {
        answers.runAll();
        channel.runPendingTasks();
        channel.checkException();
        boolean any = false;
        Object message;
        while ((message = channel.readOutbound()) != null) {
            ByteBuf octets = (ByteBuf) message;
            received.append(octets.toString(StandardCharsets.ISO_8859_1));
            octets.release();
            any = true;
        }
        return any;
    }

    private void awaitClosed(EmbeddedChannel channel, String what) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (channel.isOpen() && System.nanoTime() < deadline) {
            answers.runAll();
            channel.runPendingTasks();
            Thread.onSpinWait();
        }
        assertThat(channel.isOpen()).as("%s: still open", what).isFalse();
    }
}
