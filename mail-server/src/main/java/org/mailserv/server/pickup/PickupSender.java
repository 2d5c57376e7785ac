package org.mailserv.server.pickup;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.header.HeaderBlock;
import org.mailserv.codec.header.MailDate;
import org.mailserv.codec.header.SubjectReader;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.event.AcceptedMessage;
import org.mailserv.server.event.MessageSource;
import org.mailserv.server.spool.Arrival;
import org.mailserv.server.spool.BodyType;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageWriter;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.Recipient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends the message of a claimed file. Blocks; confined to the pickup thread. */
final class PickupSender {
    private static final Logger LOG = LoggerFactory.getLogger(PickupSender.class);
    private static final int MAX_HEAD = 1 << 20;
    private static final int PIECE = 64 * 1024;

    private final PickupServices services;

    PickupSender(PickupServices services) {
        this.services = services;
    }

    /**
     * Stores the message of a file, and returns a bounce for each recipient that is refused. Blocks.
     *
     * @throws PickupFile.RefusedException if the file can never be sent
     * @throws IOException if the file cannot be sent now
     * @throws ExecutionException if the file cannot be sent now
     */
    void send(Path file) throws IOException, PickupFile.RefusedException, ExecutionException, InterruptedException {
        long size = Files.size(file);
        long limit = services.maxMessageSize().getAsLong();
        if (size > limit) {
            throw new PickupFile.RefusedException("too big: " + size + " octets (expected: at most " + limit + ")");
        }
        PickupFile read;
        byte[] beginning;
        try (InputStream in = Files.newInputStream(file)) {
            beginning = in.readNBytes(MAX_HEAD);
            read = PickupFile.read(beginning, services.domain().get());
        }
        PickupRecipients routed = PickupRecipients.route(read, services.router());
        if (!routed.recipients().isEmpty()) {
            store(file, read, beginning, routed);
        }
        if (!routed.refused().isEmpty()) {
            giveBack(file, read, beginning, size, routed.refused());
        }
    }

    private void store(Path file, PickupFile read, byte[] beginning, PickupRecipients routed)
            throws IOException, ExecutionException, InterruptedException {
        MessageWriter writer = services.spool().newMessage(routed.recipients().size());
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), PIECE)) {
            in.skipNBytes(read.start());
            CrlfEnds ends = new CrlfEnds();
            byte[] head = read.head().getBytes(StandardCharsets.ISO_8859_1);
            append(writer, ends.convert(head, head.length));
            byte[] piece = new byte[PIECE];
            boolean eightBit = hasEightBit(head, head.length);
            for (int count = in.read(piece); count > 0; count = in.read(piece)) {
                eightBit |= hasEightBit(piece, count);
                append(writer, ends.convert(piece, count));
            }
            append(writer, ends.end());
            accept(file, read, beginning, writer, routed, eightBit);
        } catch (IOException | ExecutionException | RuntimeException e) {
            writer.abort();
            throw e;
        }
    }

    /**
     * Notifies the sender, or the postmaster, of refused recipients. The program that dropped the file does not look into the folder for
     * the result.
     */
    private void giveBack(Path file, PickupFile read, byte[] beginning, long size, Map<Recipient, SmtpReply> refused)
            throws ExecutionException, InterruptedException {
        byte[] head = read.head().getBytes(StandardCharsets.ISO_8859_1);
        CrlfEnds ends = new CrlfEnds();
        ByteBuf text = Unpooled.wrappedBuffer(
                ends.convert(head, head.length),
                ends.convert(
                        Arrays.copyOfRange(beginning, read.start(), beginning.length), beginning.length - read.start()),
                ends.end());
        byte[] octets = ByteBufUtil.getBytes(text);
        text.release();
        Envelope envelope =
                envelope(QueueId.random(), read, List.copyOf(refused.keySet()), hasEightBit(octets, octets.length));
        refused.forEach((recipient, reply) -> LOG.warn(
                "event=pickup-recipient-refused file={} from=<{}> to=<{}> reply=\"{}\"",
                file.getFileName(),
                read.sender(),
                recipient.address(),
                reply));
        long length = size > beginning.length ? Math.max(size, octets.length) : octets.length;
        services.returned()
                .send(envelope, new MemoryContent(octets, length), refused)
                .toCompletableFuture()
                .get();
    }

    private void accept(
            Path file,
            PickupFile read,
            byte[] beginning,
            MessageWriter writer,
            PickupRecipients routed,
            boolean eightBit)
            throws ExecutionException, InterruptedException {
        Envelope envelope = envelope(writer.id(), read, routed.recipients(), eightBit);
        long octets = writer.length();
        ByteBuf trace = Unpooled.buffer(256);
        HeaderBlock header = headerOf(read, beginning);
        ByteBufUtil.writeUtf8(trace, trace(envelope, header, submitter(file)));
        services.acceptor()
                .accept(writer, envelope, trace, routed.expanded())
                .toCompletableFuture()
                .get();
        services.events()
                .accepted(new AcceptedMessage(
                        MessageSource.PICKUP,
                        null,
                        String.valueOf(file.getFileName()),
                        envelope.id(),
                        envelope.sender(),
                        envelope.recipients(),
                        octets,
                        SubjectReader.of(header)));
    }

    private Envelope envelope(QueueId id, PickupFile read, List<Recipient> recipients, boolean eightBit) {
        Arrival arrival = Arrival.local(services.clock().instant());
        boolean utf8 = recipients.stream().anyMatch(one -> !one.address().isAscii())
                || read.sender().address() != null && !read.sender().address().isAscii();
        return new Envelope(
                id,
                read.sender(),
                recipients,
                arrival,
                eightBit ? BodyType.EIGHT_BIT_MIME : BodyType.SEVEN_BIT,
                utf8,
                false,
                ret(read),
                read.facts().get("envid"),
                null,
                null);
    }

    private static @Nullable Boolean ret(PickupFile read) {
        String ret = read.facts().get("ret");
        return ret == null ? null : (Boolean) ret.equalsIgnoreCase("FULL");
    }

    private static HeaderBlock headerOf(PickupFile read, byte[] beginning) {
        String rest = new String(beginning, read.start(), beginning.length - read.start(), StandardCharsets.ISO_8859_1);
        return HeaderBlock.read(read.head() + rest);
    }

    /** Returns the user who dropped a file into a shared folder, as a part of Received: it is the only trace of that user. */
    private String submitter(Path file) {
        try {
            int user = services.config().shared() ? SharedFolder.owner(file) : -1;
            return user < 0 ? "" : ", from userid " + user;
        } catch (IOException e) {
            return "";
        }
    }

    /** Returns Received (RFC 5321, 4.4), and the Date and Message-ID that the message lacks (RFC 6409, 8). */
    private String trace(Envelope envelope, HeaderBlock header, String submitter) {
        String date = MailDate.format(envelope.arrival().time(), ZoneId.systemDefault());
        StringBuilder fields = new StringBuilder("Received: by ")
                .append(services.hostname())
                .append(" (mailserv")
                .append(submitter)
                .append(") with local id ")
                .append(envelope.id())
                .append(";\r\n\t")
                .append(date)
                .append("\r\n");
        if (!header.has("Date")) {
            fields.append("Date: ").append(date).append("\r\n");
        }
        if (!header.has("Message-ID")) {
            fields.append("Message-ID: <")
                    .append(envelope.id())
                    .append('@')
                    .append(services.hostname())
                    .append(">\r\n");
        }
        return fields.toString();
    }

    private static boolean hasEightBit(byte[] octets, int count) {
        for (int i = 0; i < count; i++) {
            if (octets[i] < 0) {
                return true;
            }
        }
        return false;
    }

    private static void append(MessageWriter writer, ByteBuf piece) throws ExecutionException, InterruptedException {
        writer.append(piece).toCompletableFuture().get();
    }
}
