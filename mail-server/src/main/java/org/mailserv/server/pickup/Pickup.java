package org.mailserv.server.pickup;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.header.HeaderBlock;
import org.mailserv.codec.header.MailDate;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.delivery.MessageAcceptor;
import org.mailserv.server.delivery.RecipientRouter;
import org.mailserv.server.delivery.RecipientRouter.Routing;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.spool.Arrival;
import org.mailserv.server.spool.BodyType;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageWriter;
import org.mailserv.server.spool.Notify;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.Recipient;
import org.mailserv.server.spool.Spool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what programs drop into the pickup folder (F1, M12). A file is claimed by a rename when it has been left alone for a moment,
 * and removed when its message is in the spool: a crash between the two sends it once more and never loses it. One that cannot be
 * sent now stays claimed, and the next of its name waits for it. One that cannot be used goes to {@code refused/}, behind its reason.
 * One thread of its own.
 */
public final class Pickup implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Pickup.class);
    private static final int MAX_HEAD = 1 << 20;
    private static final int PIECE = 64 * 1024;

    private final Parts parts;
    private final Path folder;
    private final Path claimed;
    private final Path refused;
    private final Map<Path, Look> looks = new HashMap<>();
    // Sent, and still to be removed: the disk would not.
    private final Set<Path> sent = new HashSet<>();
    private final Thread thread;
    private volatile @Nullable WatchService watching;
    private volatile boolean closed;

    /** What a file that is not settled looked like, and since when. */
    private record Look(FileTime modified, long size, long nanos) {}

    /**
     * What it works with.
     *
     * @param hostname in Received and Message-ID
     * @param domain for names without one
     * @param maxMessageSize most octets of a file
     * @param returned tells senders of recipients that are refused
     */
    public record Parts(
            Disk disk,
            PickupConfig config,
            String hostname,
            Supplier<String> domain,
            LongSupplier maxMessageSize,
            Spool spool,
            RecipientRouter router,
            MessageAcceptor acceptor,
            ReturnedMail returned,
            InstantSource clock) {}

    /** Makes the folders and begins to look. Blocks for a moment. */
    public Pickup(Parts parts, Path folder) throws IOException {
        this.parts = parts;
        this.folder = folder;
        this.claimed = folder.resolve("claimed");
        this.refused = folder.resolve("refused");
        // The folders are durable before anything is in them, or a crash might take a file with its folder.
        Path above = folder.toAbsolutePath().getParent();
        if (parts.disk().createDirectories(folder) && above != null) {
            parts.disk().syncDirectory(above);
        }
        parts.disk().createDirectories(claimed);
        parts.disk().createDirectories(refused);
        parts.disk().syncDirectory(folder);
        thread = new Thread(this::run, "pickup");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try (WatchService watch = folder.getFileSystem().newWatchService()) {
            watching = watch;
            folder.register(watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
            while (!closed) {
                boolean unsettled = claimSettled();
                takeClaimed();
                long wait = unsettled
                        ? parts.config().settle().toMillis()
                        : parts.config().scanInterval().toMillis();
                WatchKey key = watch.poll(Math.max(1, wait), TimeUnit.MILLISECONDS);
                if (key != null) {
                    key.pollEvents();
                    key.reset();
                }
            }
        } catch (InterruptedException | ClosedWatchServiceException e) {
            LOG.debug("event=pickup-ended");
        } catch (IOException | RuntimeException e) {
            LOG.error("event=pickup-failed folder={} reason=\"{}\"", folder, e.toString());
        }
    }

    /** Claims what is whole; true when something may be soon. */
    private boolean claimSettled() {
        boolean unsettled = false;
        List<Path> files = files(folder);
        looks.keySet().retainAll(new HashSet<>(files));
        for (Path file : files) {
            String name = String.valueOf(file.getFileName());
            Path mine = claimed.resolve(name);
            if (name.startsWith(".") || name.endsWith(".tmp") || Files.exists(mine, LinkOption.NOFOLLOW_LINKS)) {
                continue;
            } else if (!isSettled(file)) {
                unsettled = true;
                continue;
            }
            try {
                parts.disk().rename(file, mine);
            } catch (IOException e) {
                LOG.warn("event=pickup-delayed file={} reason=\"{}\"", name, e.toString());
            }
        }
        return unsettled;
    }

    /** The files of a folder, without folders and links; empty where it cannot be read. */
    private static List<Path> files(Path place) {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(place)) {
            entries.forEach(files::add);
        } catch (IOException | RuntimeException e) {
            LOG.warn("event=pickup-unreadable folder={} reason=\"{}\"", place, e.toString());
        }
        files.removeIf(file -> !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS));
        return files;
    }

    private void takeClaimed() throws InterruptedException {
        boolean gone = false;
        for (Path file : files(claimed)) {
            if (closed) {
                break;
            }
            gone |= take(file);
        }
        if (gone) {
            syncFolders();
        }
    }

    /** Once for all that went: what comes back after a crash is sent again. */
    private void syncFolders() {
        try {
            parts.disk().syncDirectory(claimed);
            parts.disk().syncDirectory(folder);
        } catch (IOException e) {
            LOG.warn("event=pickup-not-synced folder={} reason=\"{}\"", folder, e.toString());
        }
    }

    private boolean isSettled(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            Instant left = attributes
                    .lastModifiedTime()
                    .toInstant()
                    .plus(parts.config().settle());
            return !left.isAfter(parts.clock().instant()) || isUnchanged(file, attributes);
        } catch (IOException e) {
            return false;
        }
    }

    /** For files from the future: a clock that was set back, or a copy that kept its time, would let them lie there for hours. */
    private boolean isUnchanged(Path file, BasicFileAttributes attributes) {
        long now = System.nanoTime();
        Look look = new Look(attributes.lastModifiedTime(), attributes.size(), now);
        Look before = looks.get(file);
        if (before == null || !before.modified().equals(look.modified()) || before.size() != look.size()) {
            looks.put(file, look);
            return false;
        }
        return now - before.nanos() >= parts.config().settle().toNanos();
    }

    /** True when the file has gone. */
    private boolean take(Path file) throws InterruptedException {
        try {
            if (!sent.contains(file)) {
                send(file);
                sent.add(file);
            }
            parts.disk().delete(file);
            sent.remove(file);
            return true;
        } catch (PickupFile.RefusedException e) {
            return refuse(file, String.valueOf(e.getMessage()));
        } catch (IOException | ExecutionException | RuntimeException e) {
            // Not the file's fault: it is tried again.
            LOG.warn("event=pickup-delayed file={} reason=\"{}\"", file.getFileName(), e.toString());
            return false;
        }
    }

    private boolean refuse(Path file, String reason) {
        LOG.warn("event=pickup-refused file={} reason=\"{}\"", file.getFileName(), reason);
        try {
            Path target = refused.resolve(String.valueOf(file.getFileName()));
            byte[] text = (reason + "\n").getBytes(StandardCharsets.UTF_8);
            parts.disk().replace(refused.resolve(target.getFileName() + ".reason"), text);
            parts.disk().rename(file, target);
            parts.disk().syncDirectory(refused);
            return true;
        } catch (IOException e) {
            LOG.error("event=pickup-stays-claimed file={} reason=\"{}\"", file, e.toString());
            return false;
        }
    }

    private void send(Path file)
            throws IOException, PickupFile.RefusedException, ExecutionException, InterruptedException {
        long size = Files.size(file);
        long most = parts.maxMessageSize().getAsLong();
        if (size > most) {
            throw new PickupFile.RefusedException("too big: " + size + " octets (expected: " + most + " at most)");
        }
        PickupFile read;
        byte[] beginning;
        try (InputStream in = Files.newInputStream(file)) {
            beginning = in.readNBytes(MAX_HEAD);
            read = PickupFile.read(beginning, parts.domain().get());
        }
        Routed routed = recipients(read);
        if (!routed.recipients().isEmpty()) {
            store(file, read, beginning, routed);
        }
        if (!routed.refused().isEmpty()) {
            giveBack(file, read, beginning, size, routed.refused());
        }
    }

    /**
     * Where a message goes.
     *
     * @param expanded addresses that stand for several recipients, where the sender wants to hear of success
     * @param refused recipients that are refused for good, with the reply
     */
    private record Routed(List<Recipient> recipients, List<Recipient> expanded, Map<Recipient, SmtpReply> refused) {}

    private void store(Path file, PickupFile read, byte[] beginning, Routed routed)
            throws IOException, ExecutionException, InterruptedException {
        MessageWriter writer = parts.spool().newMessage(routed.recipients().size());
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

    /** Nobody looks into a folder for mail that was taken: the sender hears of it, or the postmaster does. */
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
        parts.returned()
                .send(envelope, new MemoryContent(octets, length), refused)
                .toCompletableFuture()
                .get();
    }

    private void accept(
            Path file, PickupFile read, byte[] beginning, MessageWriter writer, Routed routed, boolean eightBit)
            throws ExecutionException, InterruptedException {
        Envelope envelope = envelope(writer.id(), read, routed.recipients(), eightBit);
        ByteBuf trace = Unpooled.buffer(256);
        ByteBufUtil.writeUtf8(trace, trace(envelope, headerOf(read, beginning)));
        parts.acceptor()
                .accept(writer, envelope, trace, routed.expanded())
                .toCompletableFuture()
                .get();
        LOG.info(
                "event=message-accepted source=pickup file={} id={} from=<{}> recipients={}",
                file.getFileName(),
                envelope.id(),
                envelope.sender(),
                routed.recipients().size());
    }

    private Envelope envelope(QueueId id, PickupFile read, List<Recipient> recipients, boolean eightBit) {
        Arrival arrival = Arrival.local(parts.clock().instant());
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

    /** RFC 5321, 4.4, and the fields that a message from here must have: RFC 6409, 8. */
    private String trace(Envelope envelope, HeaderBlock header) {
        String date = MailDate.format(envelope.arrival().time(), ZoneId.systemDefault());
        StringBuilder fields = new StringBuilder("Received: by ")
                .append(parts.hostname())
                .append(" (mailserv) with local id ")
                .append(envelope.id())
                .append(";\r\n\t")
                .append(date)
                .append("\r\n");
        if (!header.has("Date")) {
            fields.append("Date: ").append(date).append("\r\n");
        }
        if (!header.has("Message-ID")) {
            String id = envelope.id() + "@" + parts.hostname();
            fields.append("Message-ID: <").append(id).append(">\r\n");
        }
        return fields.toString();
    }

    private Routed recipients(PickupFile read)
            throws PickupFile.RefusedException, ExecutionException, InterruptedException, IOException {
        List<Recipient> recipients = new ArrayList<>();
        List<Recipient> expanded = new ArrayList<>();
        Map<Recipient, SmtpReply> refused = new LinkedHashMap<>();
        for (int i = 0; i < read.recipients().size(); i++) {
            Address address = read.recipients().get(i);
            String original = read.facts().get("orcpt-" + (i + 1));
            Set<Notify> notify = notify(read.facts().get("notify-" + (i + 1)));
            Routing routing = parts.router()
                    .route(address, original, notify, true)
                    .toCompletableFuture()
                    .get();
            if (routing instanceof Routing.Accepted accepted) {
                if (accepted.expanded() != null) {
                    expanded.add(accepted.expanded());
                }
                for (Recipient recipient : accepted.recipients()) {
                    if (!recipients.contains(recipient)) {
                        recipients.add(recipient);
                    }
                }
            } else if (routing instanceof Routing.Refused no && no.reply().isTransient()) {
                throw new IOException(address + ": " + no.reply());
            } else if (routing instanceof Routing.Refused no) {
                refused.put(new Recipient(address, null, null, original, notify), no.reply());
            }
        }
        return new Routed(recipients, expanded, refused);
    }

    private static @Nullable Set<Notify> notify(@Nullable String text) throws PickupFile.RefusedException {
        if (text == null) {
            return null;
        }
        try {
            List<Notify> events = new ArrayList<>();
            for (String name : text.equalsIgnoreCase("NEVER") ? new String[0] : text.split(",")) {
                events.add(Notify.valueOf(name.strip().toUpperCase(Locale.ROOT)));
            }
            return Set.copyOf(events);
        } catch (IllegalArgumentException e) {
            throw new PickupFile.RefusedException(
                    "Notify: \"" + text + "\" (expected: NEVER, SUCCESS, FAILURE, DELAY)");
        }
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

    /** Lets the file that is on its way end, so that it is not sent again at the next start. Blocks for 10 seconds at most. */
    @Override
    public void close() throws InterruptedException {
        closed = true;
        WatchService watch = watching;
        try {
            if (watch != null) {
                watch.close();
            }
        } catch (IOException e) {
            LOG.debug("event=close-failed reason={}", e.toString());
        }
        thread.join(5_000);
        thread.interrupt();
        thread.join(5_000);
    }
}
