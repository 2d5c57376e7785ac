package org.mailserv.server.testing;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.codec.testing.Homing;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.delivery.MessageAcceptor;
import org.mailserv.server.delivery.SpoolingAcceptor;
import org.mailserv.server.delivery.SuccessNotices;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.mailbox.DeliveryOutcome;
import org.mailserv.server.mailbox.MailboxStore;
import org.mailserv.server.mailbox.MailboxUsage;
import org.mailserv.server.mailbox.Maildrop;
import org.mailserv.server.mailbox.maildir.LocalMaildirs;
import org.mailserv.server.mailbox.maildir.MaildirLayout;
import org.mailserv.server.mailbox.maildir.MaildirStore;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.MessageWriter;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.QueueListener;
import org.mailserv.server.spool.QueuedMessage;
import org.mailserv.server.spool.SealedIds;
import org.mailserv.server.spool.Spool;
import org.mailserv.server.spool.SpoolException;
import org.mailserv.server.spool.StoredMessage;
import org.mailserv.server.spool.file.FileSpool;
import org.mailserv.server.spool.file.FileSpoolConfig;

/** The real spool and mailboxes in a folder, with little memory, whose answers come home to the test's thread. */
public final class FileMail implements AutoCloseable {
    public static final int INLINE_LIMIT = 4096;

    private final Path folder;
    private final Homing homing;
    private final MaildirLayout layout;
    private final LocalMaildirs maildirs;
    private final MaildirStore mailboxes;
    private final FileSpool spool;
    private final CollectingQueue recovered = new CollectingQueue();

    public FileMail(Path folder, Homing homing) throws SpoolException {
        this.folder = folder;
        this.homing = homing;
        this.layout = new MaildirLayout(folder.resolve("domains"), Map.of());
        SealedIds ids = SealedIds.withoutKey();
        this.maildirs = new LocalMaildirs(layout, new RealDisk(), 1, 1000, MailEvents.NONE);
        FileSpoolConfig config = new FileSpoolConfig(
                folder.resolve("spool"),
                1 << 20,
                3,
                Duration.ofMinutes(1),
                INLINE_LIMIT,
                64 << 10,
                64 << 10,
                Duration.ofMillis(1),
                0,
                1,
                1000);
        this.spool = new FileSpool(config, new RealDisk(), maildirs, ids, MailEvents.NONE);
        this.mailboxes = new MaildirStore(maildirs, ids, spool::recordDeletions);
        spool.start(recovered);
        spool.queueRead().toCompletableFuture().join();
    }

    /** As the sessions see it. */
    public Spool spool() {
        return new HomingSpool();
    }

    /** As it is, for a look at it. */
    public FileSpool files() {
        return spool;
    }

    /** As the sessions see them. */
    public MailboxStore mailboxes() {
        return new HomingMailboxes();
    }

    /** Commits and delivers; queues what is left to nobody. */
    public MessageAcceptor acceptor() {
        SpoolingAcceptor acceptor =
                new SpoolingAcceptor(spool, mailboxes, message -> {}, SuccessNotices.NONE, MailEvents.NONE);
        return (writer, envelope, trace, expanded) -> homing.home(acceptor.accept(writer, envelope, trace, expanded));
    }

    /** What an earlier run had left to be sent. */
    public List<QueuedMessage> recovered() {
        return recovered.messages();
    }

    /** Names of the files in a mailbox, read or not, without what the flags add. */
    public Set<String> names(MailboxName mailbox) {
        Set<String> names = new HashSet<>();
        for (String below : List.of("new", "cur")) {
            for (Path file : files(layout.folder(mailbox).resolve(below))) {
                names.add(file.getFileName().toString().replaceAll(":.*", ""));
            }
        }
        return names;
    }

    /** Octets of a new message as they are on the disk. */
    public byte[] octets(MailboxName mailbox, String name) throws IOException {
        return Files.readAllBytes(layout.folder(mailbox).resolve("new").resolve(name));
    }

    /** Files below a folder of the data folder, of whatever depth. */
    public List<Path> below(String name) {
        return files(folder.resolve(name));
    }

    private static List<Path> files(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        spool.close();
        maildirs.close();
    }

    private final class HomingSpool implements Spool {
        @Override
        public MessageWriter newMessage(int recipients) {
            return new HomingWriter(spool.newMessage(recipients));
        }

        @Override
        public MessageWriter newLocalMessage(ReversePath sender, int recipients) {
            return new HomingWriter(spool.newLocalMessage(sender, recipients));
        }

        @Override
        public void start(QueueListener queue) throws SpoolException {
            spool.start(queue);
        }

        @Override
        public CompletionStage<Void> queueRead() {
            return spool.queueRead();
        }

        @Override
        public CompletionStage<StoredMessage> open(QueueId id) {
            return homing.home(spool.open(id));
        }

        @Override
        public CompletionStage<Void> update(QueueId id, MessageState state) {
            return homing.home(spool.update(id, state));
        }

        @Override
        public void noteDelivered(QueueId id, MessageState state) {
            spool.noteDelivered(id, state);
        }

        @Override
        public boolean isWritable() {
            return spool.isWritable();
        }

        @Override
        public void close() {
            spool.close();
        }
    }

    private final class HomingWriter implements MessageWriter {
        private final MessageWriter writer;

        HomingWriter(MessageWriter writer) {
            this.writer = writer;
        }

        @Override
        public QueueId id() {
            return writer.id();
        }

        @Override
        public long length() {
            return writer.length();
        }

        @Override
        public CompletionStage<Void> append(ByteBuf piece) {
            return homing.home(writer.append(piece));
        }

        @Override
        public CompletionStage<StoredMessage> commit(Envelope envelope, ByteBuf trace) {
            // The acceptor goes on with it on the spool's own threads, as it does in the server.
            return writer.commit(envelope, trace);
        }

        @Override
        public void abort() {
            writer.abort();
        }
    }

    private final class HomingMailboxes implements MailboxStore {
        @Override
        public CompletionStage<List<DeliveryOutcome>> deliver(StoredMessage message, List<MailboxName> targets) {
            return homing.home(mailboxes.deliver(message, targets));
        }

        @Override
        public CompletionStage<MailboxUsage> usage(MailboxName mailbox) {
            return homing.home(mailboxes.usage(mailbox));
        }

        @Override
        public CompletionStage<Maildrop> open(MailboxName mailbox) {
            return homing.home(mailboxes.open(mailbox).thenApply(HomingMaildrop::new));
        }
    }

    private final class HomingMaildrop implements Maildrop {
        private final Maildrop maildrop;

        HomingMaildrop(Maildrop maildrop) {
            this.maildrop = maildrop;
        }

        @Override
        public int size() {
            return maildrop.size();
        }

        @Override
        public long octets(int index) {
            return maildrop.octets(index);
        }

        @Override
        public String uid(int index) {
            return maildrop.uid(index);
        }

        @Override
        public CompletionStage<MaildropMessage> read(int index) {
            return homing.home(maildrop.read(index));
        }

        @Override
        public CompletionStage<List<MaildropMessage>> readAll(List<Integer> indexes) {
            return homing.home(maildrop.readAll(indexes));
        }

        @Override
        public CompletionStage<Void> lost() {
            return maildrop.lost();
        }

        @Override
        public CompletionStage<Void> delete(BitSet indexes) {
            return homing.home(maildrop.delete(indexes));
        }

        @Override
        public void close() {
            maildrop.close();
        }
    }
}
