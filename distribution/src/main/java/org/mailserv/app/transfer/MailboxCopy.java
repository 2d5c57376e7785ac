package org.mailserv.app.transfer;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.mailserv.app.config.OwnerOfData;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.cluster.MailboxCopies;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.FileNames;
import org.mailserv.server.mailbox.maildir.MaildirName;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.SealedIds;

/**
 * Copies mailboxes between the files of this machine and a shared store: the inbox and the Junk folder, with the unique ids of POP3, so that
 * clients download nothing twice. A copy may be interrupted and run again. Every message is compared with its original by a checksum. All methods
 * block.
 */
public final class MailboxCopy {
    private static final String JUNK = "Junk";

    private final MailboxCopies shared;
    private final Disk disk;
    private final SealedIds ids;
    private final IntConsumer progress;
    private final List<String> problems = new ArrayList<>();
    private int mailboxes;
    private int copied;
    private int present;

    /**
     * @param ids of the data folder that the files are in
     * @param progress receives the number of messages so far
     */
    public MailboxCopy(MailboxCopies shared, Disk disk, SealedIds ids, IntConsumer progress) {
        this.shared = shared;
        this.disk = disk;
        this.ids = ids;
        this.progress = progress;
    }

    public int mailboxes() {
        return mailboxes;
    }

    /** Returns the number of messages that were copied. */
    public int copied() {
        return copied;
    }

    /** Returns the number of messages that were there already. */
    public int present() {
        return present;
    }

    /** Returns the messages that could not be copied, or differ after the copy, one line each. */
    public List<String> problems() {
        return problems;
    }

    /** Copies a mailbox from its folder into the shared store. */
    public void toShared(MailboxName mailbox, Path folder) throws IOException {
        mailboxes++;
        toShared(mailbox, "", folder);
        for (String name : disk.list(folder)) {
            Path sub = FileNames.resolve(folder, name);
            if (name.equals("." + JUNK)) {
                toShared(mailbox, JUNK, sub);
            } else if (name.startsWith(".") && MaildirSource.isMaildir(sub)) {
                problems.add(sub + ": not copied (a shared store has an inbox and a Junk folder only)");
            }
        }
    }

    private void toShared(MailboxName mailbox, String name, Path folder) throws IOException {
        Map<QueueId, MailboxCopies.Entry> there = new HashMap<>();
        shared.list(mailbox, name).forEach(entry -> there.put(entry.id(), entry));
        List<MailboxExport.Message> messages = new MailboxExport(folder, disk, ids, count -> {}).messages(folder);
        Map<QueueId, byte[]> hashes = new HashMap<>();
        for (MailboxExport.Message message : messages) {
            String unique = MaildirName.unique(message.name());
            QueueId own = QueueId.tryParse(MaildirName.id(unique));
            QueueId id = own == null ? MailboxCopies.idOf(mailbox, name, unique) : own;
            MessageDigest digest = sha256();
            try (InputStream content = new DigestInputStream(open(message.file()), digest)) {
                if (there.containsKey(id)) {
                    content.transferTo(OutputStream.nullOutputStream());
                    present++;
                } else {
                    String uid = MaildirName.uid(message.name());
                    shared.add(mailbox, name, id, message.micros(), uid.equals(id.toString()) ? null : uid, content);
                    copied++;
                }
            }
            hashes.put(id, digest.digest());
            progress.accept(copied + present);
        }
        compare(mailbox, name, hashes);
    }

    private void compare(MailboxName mailbox, String name, Map<QueueId, byte[]> hashes) throws IOException {
        Map<QueueId, byte[]> missing = new HashMap<>(hashes);
        for (MailboxCopies.Entry entry : shared.list(mailbox, name)) {
            byte[] wanted = missing.remove(entry.id());
            if (wanted != null && !Arrays.equals(wanted, hash(entry))) {
                problems.add(mailbox + ": message " + entry.id() + " differs after the copy");
            }
        }
        missing.keySet()
                .forEach(id -> problems.add(mailbox + ": message " + id + " is missing after the copy: it was deleted"
                        + " in the shared store before"));
    }

    /** Copies a mailbox from the shared store into its folder, which is created. */
    public void toFiles(MailboxName mailbox, Path folder, OwnerOfData.Owner owner) throws IOException {
        mailboxes++;
        try (MailboxImport files = MailboxImport.open(folder, disk, ids, owner, count -> {})) {
            for (String name : List.of("", JUNK)) {
                String part = name.isEmpty() ? "" : "." + name;
                List<MailboxCopies.Entry> entries = shared.list(mailbox, name);
                Map<String, byte[]> wanted = new HashMap<>();
                Map<String, byte[]> there = hashes(part.isEmpty() ? folder : folder.resolve(part));
                for (MailboxCopies.Entry entry : entries) {
                    byte[] hash = hash(entry);
                    wanted.put(entry.uid(), hash);
                    if (Arrays.equals(hash, there.get(entry.uid()))) {
                        present++;
                    } else {
                        take(files, part, entry);
                    }
                    progress.accept(copied + present);
                }
                files.commit();
                Map<String, byte[]> now = hashes(part.isEmpty() ? folder : folder.resolve(part));
                wanted.forEach((uid, hash) -> {
                    if (!Arrays.equals(hash, now.get(uid))) {
                        problems.add(mailbox + ": message " + uid
                                + (now.containsKey(uid) ? " differs after the copy" : " is missing after the copy"));
                    }
                });
            }
            problems.addAll(files.problems());
        }
    }

    private void take(MailboxImport files, String part, MailboxCopies.Entry entry) throws IOException {
        Instant arrived = Instant.EPOCH.plus(entry.arrived(), ChronoUnit.MICROS);
        MailSource.Incoming message = files.begin();
        boolean complete = false;
        try {
            shared.read(entry, Channels.newChannel(message.content()));
            complete = true;
        } finally {
            if (!complete) {
                message.abort();
            }
        }
        message.end(new MailSource.Facts(part, entry.uid(), entry.uid(), arrived, "", true));
        copied++;
    }

    /** Returns the checksums of the messages of a Maildir by their unique ids in POP3. */
    private Map<String, byte[]> hashes(Path folder) throws IOException {
        Map<String, byte[]> hashes = new HashMap<>();
        if (!Files.isDirectory(folder)) {
            return hashes;
        }
        for (MailboxExport.Message message : new MailboxExport(folder, disk, ids, count -> {}).messages(folder)) {
            MessageDigest digest = sha256();
            try (InputStream content = new DigestInputStream(open(message.file()), digest)) {
                content.transferTo(OutputStream.nullOutputStream());
            }
            hashes.put(MaildirName.uid(message.name()), digest.digest());
        }
        return hashes;
    }

    private byte[] hash(MailboxCopies.Entry entry) throws IOException {
        MessageDigest digest = sha256();
        shared.read(entry, Channels.newChannel(new DigestOutputStream(OutputStream.nullOutputStream(), digest)));
        return digest.digest();
    }

    private static InputStream open(Path file) throws IOException {
        return new CrlfInput(new BufferedInputStream(Files.newInputStream(file), 64 * 1024));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
