package org.mailserv.server.spool.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.DiskFile;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.LocalMailboxes;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.Recipient;
import org.mailserv.server.spool.RecipientState;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The start after any kind of end. Replays the journal into mailboxes and queue files until it is empty, and deletes files that no record
 * names. Every step may be interrupted and repeated.
 */
final class Recovery {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    private final FileSpoolConfig config;
    private final Disk disk;
    private final LocalMailboxes mailboxes;
    private final QueueFolder queue;
    private final IncomingFolder incoming;
    private final MessageOpener opener;
    private final QueueBatch batch;

    private final Map<QueueId, MessageState> states = new HashMap<>();
    private final Map<MailboxName, Set<String>> deletions = new LinkedHashMap<>();
    private final List<LocalMailboxes.Delivered> delivered = new ArrayList<>();
    private final Map<QueueId, Set<MailboxName>> distrusted = new HashMap<>();
    private final PendingDeletions pendingDeletions;
    private final Set<QueueId> stored = new HashSet<>();
    private final List<Path> segmentFiles = new ArrayList<>();
    private final long firstNumber = new SecureRandom().nextLong() & 0x7FFF_FFFF_FF00_0000L | 1;

    /** @param pendingDeletions loaded and retried here */
    Recovery(
            FileSpoolConfig config,
            Disk disk,
            LocalMailboxes mailboxes,
            QueueFolder queue,
            IncomingFolder incoming,
            MessageOpener opener,
            PendingDeletions pendingDeletions) {
        this.config = config;
        this.disk = disk;
        this.mailboxes = mailboxes;
        this.queue = queue;
        this.incoming = incoming;
        this.opener = opener;
        this.batch = new QueueBatch(disk, queue);
        this.pendingDeletions = pendingDeletions;
    }

    /** Returns the number of this run's first segment. It is random, so that records of other runs are never taken for its own. */
    long firstNumber() {
        return firstNumber;
    }

    /** Returns the files of the segments that are empty now. */
    List<Path> segmentFiles() {
        return segmentFiles;
    }

    private void createFolders() throws IOException {
        for (String name : List.of("journal", "incoming", "queue", "refused", "pickup")) {
            disk.createDirectories(config.folder().resolve(name));
        }
        // The names of the folders must be durable too, or a crash soon after the first start would lose them all.
        Path named = config.folder();
        for (int i = 0; i < 3 && named != null; i++) {
            disk.syncDirectory(named);
            named = named.getParent();
        }
    }

    void replay() throws IOException {
        createFolders();
        pendingDeletions.load();
        List<JournalReader.Content> contents = JournalReader.readAll(disk, SegmentFiles.folder(config));
        long records =
                contents.stream().mapToLong(content -> content.records().size()).sum();
        for (JournalReader.Content content : contents) {
            readStates(content);
        }
        replayMessages(contents);
        finishStates();
        pendingDeletions.delete(deletions);
        pendingDeletions.retry();
        batch.finish(stored);
        for (JournalReader.Content content : contents) {
            empty(content);
        }
        incoming.sweep();
        if (records > 0) {
            LOG.info("event=journal-replayed records={} queued={}", records, stored.size());
        }
    }

    /** Repeats all deliveries. Messages whose mailboxes cannot be synced stay in the queue. */
    private void replayMessages(List<JournalReader.Content> contents) throws IOException {
        for (JournalReader.Content content : contents) {
            replayMessages(content);
        }
        List<LocalMailboxes.Delivered> lost = mailboxes.sync(delivered);
        if (!lost.isEmpty()) {
            // Repeated with these messages in the queue.
            lost.forEach(one -> distrusted.put(one.id(), Set.copyOf(one.mailboxes())));
            delivered.clear();
            for (JournalReader.Content content : contents) {
                replayMessages(content);
            }
            if (!mailboxes.sync(delivered).isEmpty()) {
                throw new IOException("the disk of the mailboxes fails: see the log");
            }
        }
    }

    private void readStates(JournalReader.Content content) throws IOException {
        try (FileChannel channel = disk.openForRead(content.file())) {
            for (JournalReader.Record record : content.records()) {
                if (record.kind() == Journal.KIND_STATE) {
                    readState(read(channel, record));
                } else if (record.kind() == Journal.KIND_DELETED) {
                    String[] lines = new String(read(channel, record), StandardCharsets.UTF_8).split("\n");
                    deletions
                            .computeIfAbsent(QueueFile.mailboxName(lines[0]), mailbox -> new HashSet<>())
                            .addAll(Arrays.asList(lines).subList(1, lines.length));
                }
            }
        }
    }

    private void readState(byte[] payload) {
        String id = new String(payload, 0, QueueId.LENGTH, StandardCharsets.US_ASCII);
        states.put(QueueId.parse(id), StateFile.read(Arrays.copyOfRange(payload, QueueId.LENGTH, payload.length)));
    }

    private void replayMessages(JournalReader.Content content) throws IOException {
        try (FileChannel channel = disk.openForRead(content.file())) {
            for (JournalReader.Record record : content.records()) {
                if (record.kind() != Journal.KIND_MESSAGE
                        && record.kind() != Journal.KIND_MESSAGE_FILE
                        && record.kind() != Journal.KIND_MAILBOX_FILE) {
                    continue;
                }
                byte[] payload = read(channel, record);
                try {
                    QueueFile.Head head = QueueFile.read(payload);
                    replay(QueueFile.envelope(head), head, channel, record);
                } catch (QueueFile.MalformedQueueFileException e) {
                    setAside("journal-record-" + record.offset(), payload, Failures.text(e));
                }
            }
        }
    }

    private void replay(Envelope envelope, QueueFile.Head head, FileChannel channel, JournalReader.Record record)
            throws IOException, QueueFile.MalformedQueueFileException {
        boolean inFile = record.kind() != Journal.KIND_MESSAGE;
        if (inFile && !incoming.contains(envelope.id())) {
            // Its segment was being retired: the file is in the queue folder, or its message is settled.
            return;
        }
        MessageState recorded = states.get(envelope.id());
        MessageState before = recorded == null ? MessageState.initial(envelope) : recorded;
        if (record.kind() == Journal.KIND_MAILBOX_FILE) {
            try (SpooledMessage message = opener.openMailboxFormat(incoming.fileOf(envelope.id()), envelope, before)) {
                byte[] sendHead = QueueFile.write(envelope);
                finish(message, recorded, () -> batch.message(message, sendHead));
            }
            return;
        }
        try (FileChannel own = inFile ? disk.openForRead(incoming.fileOf(envelope.id())) : null) {
            FileChannel source = own == null ? channel : own;
            long offset = own == null ? record.offset() : 0;
            long length = own == null ? record.length() : own.size();
            SpooledMessage message = new SpooledMessage(
                    envelope,
                    before,
                    source,
                    offset + head.length(),
                    length - head.length(),
                    List.of(),
                    null,
                    () -> {});
            finish(message, recorded, () -> batch.message(envelope.id(), source, offset, length));
        }
    }

    /** Writes a message into the queue folder. */
    private interface Copy {
        void run() throws IOException;
    }

    /** Repeats the delivery to mailboxes. A message with recipients left goes into the queue. */
    private void finish(SpooledMessage message, @Nullable MessageState recorded, Copy copy) throws IOException {
        QueueId id = message.envelope().id();
        MessageState state = redeliver(message);
        if (state.isSettled()) {
            return;
        }
        boolean there = queue.contains(id);
        if (!there) {
            copy.run();
        }
        // An existing file has its own state, which is as old as the file unless a record says more. The initial state
        // needs no file.
        if (recorded != null || !there && !state.equals(MessageState.initial(message.envelope()))) {
            batch.state(id, state);
        }
        stored.add(id);
    }

    private MessageState redeliver(SpooledMessage message) {
        List<Recipient> recipients = message.envelope().recipients();
        List<MailboxName> missing = new ArrayList<>();
        List<MailboxName> all = new ArrayList<>();
        String uid = message.envelope().id().toString();
        for (Recipient recipient : recipients) {
            MailboxName mailbox = recipient.mailbox();
            if (mailbox != null && !all.contains(mailbox)) {
                all.add(mailbox);
                if (!deletions.getOrDefault(mailbox, Set.of()).contains(uid)) {
                    missing.add(mailbox);
                }
            }
        }
        if (all.isEmpty()) {
            return message.state();
        }
        Set<MailboxName> failed =
                new HashSet<>(distrusted.getOrDefault(message.envelope().id(), Set.of()));
        missing.removeAll(failed);
        failed.addAll(missing.isEmpty() ? Set.of() : mailboxes.redeliver(message, missing));
        missing.removeAll(failed);
        delivered.add(new LocalMailboxes.Delivered(message.envelope().id(), missing));
        List<RecipientState> outcome = new ArrayList<>(message.state().recipients());
        for (int i = 0; i < recipients.size(); i++) {
            MailboxName mailbox = recipients.get(i).mailbox();
            if (mailbox != null && !outcome.get(i).isSettled() && !failed.contains(mailbox)) {
                outcome.set(i, RecipientState.DELIVERED_LOCALLY);
            }
        }
        MessageState state = message.state();
        return state.withRecipients(outcome);
    }

    /** Stores the states of messages that already were queue files. */
    private void finishStates() throws IOException {
        for (Map.Entry<QueueId, MessageState> entry : states.entrySet()) {
            QueueId id = entry.getKey();
            if (entry.getValue().isSettled()) {
                queue.delete(id);
                stored.add(id);
            } else if (!stored.contains(id) && queue.contains(id)) {
                batch.state(id, entry.getValue());
            }
        }
    }

    private void empty(JournalReader.Content content) throws IOException {
        try (DiskFile file = disk.openForWrite(content.file())) {
            if (file.channel().size() == config.segmentSize()) {
                file.write(ByteBuffer.allocate(Journal.HEADER), 0);
                file.sync();
                segmentFiles.add(content.file());
                return;
            }
        }
        // Another configured size, or a file that was never complete.
        disk.delete(content.file());
        disk.syncDirectory(SegmentFiles.folder(config));
    }

    private void setAside(String name, byte[] octets, String reason) throws IOException {
        LOG.error("event=record-set-aside file=refused/{} reason={}", name, reason);
        Path file = config.folder().resolve("refused").resolve(name);
        disk.replace(file, octets);
        disk.replace(file.resolveSibling(name + ".reason"), (reason + "\r\n").getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] read(FileChannel channel, JournalReader.Record record) throws IOException {
        ByteBuffer octets = ByteBuffer.allocate(record.length());
        while (octets.hasRemaining() && channel.read(octets, (long) record.offset() + octets.position()) >= 0) {
            continue;
        }
        return octets.array();
    }
}
