package org.mailserv.server.mailbox.maildir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.DiskFault;
import org.mailserv.server.disk.DiskFile;
import org.mailserv.server.disk.FileNames;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.event.MessageNote;
import org.mailserv.server.event.MessageNote.Detail;
import org.mailserv.server.event.MessageNote.Kind;
import org.mailserv.server.mailbox.DeliveryOutcome;
import org.mailserv.server.mailbox.FinalDelivery;
import org.mailserv.server.spool.MailboxFormat;
import org.mailserv.server.spool.StoredMessage;
import org.mailserv.server.spool.file.LinkableMessage;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes messages into mailboxes, without syncing them. A message is one file, named by its queue id, written in {@code tmp} and renamed
 * into {@code new}; further mailboxes get a link to the same file where the file system supports it. Thread-safe; all methods block.
 */
final class MaildirDelivery {
    private static final Logger LOG = LoggerFactory.getLogger(MaildirDelivery.class);

    private final MaildirLayout layout;
    private final Disk disk;
    private final MaildirFolders folders;
    private final MailEvents events;

    MaildirDelivery(MaildirLayout layout, Disk disk, MaildirFolders folders, MailEvents events) {
        this.layout = layout;
        this.disk = disk;
        this.folders = folders;
        this.events = events;
    }

    private enum Attempt {
        FIRST,
        /** The message may be there already, under its name and with other flags. */
        REPEATED
    }

    /** Writes a message that no mailbox has yet; returns one outcome for each mailbox. */
    List<DeliveryOutcome> deliver(StoredMessage message, List<MailboxName> mailboxes) {
        return publish(message, mailboxes, Attempt.FIRST);
    }

    /** Writes a message again, in place of the file that may be there; returns the mailboxes where this failed. */
    Set<MailboxName> redeliver(StoredMessage message, List<MailboxName> mailboxes) {
        List<DeliveryOutcome> outcomes = publish(message, mailboxes, Attempt.REPEATED);
        Set<MailboxName> failed = new HashSet<>();
        for (int i = 0; i < mailboxes.size(); i++) {
            if (!outcomes.get(i).isDelivered()) {
                failed.add(mailboxes.get(i));
            }
        }
        return failed;
    }

    private List<DeliveryOutcome> publish(StoredMessage message, List<MailboxName> mailboxes, Attempt attempt) {
        List<DeliveryOutcome> outcomes = new ArrayList<>(mailboxes.size());
        Path written = null;
        for (MailboxName mailbox : mailboxes) {
            try {
                written = publish(message, mailbox, attempt, written);
                outcomes.add(DeliveryOutcome.DELIVERED);
            } catch (IOException | RuntimeException e) {
                forget(mailbox);
                events.noted(MessageNote.of(
                        Kind.MAILBOX_FAILED,
                        message.envelope().id(),
                        Detail.word("mailbox", mailbox),
                        Detail.word("reason", e)));
                outcomes.add(new DeliveryOutcome(reason(e), DiskFault.of(e) == DiskFault.QUOTA));
            }
        }
        return outcomes;
    }

    private static String reason(Exception e) {
        return e instanceof IOException ? "mailbox cannot be written: " + Failures.text(e) : Failures.text(e);
    }

    private void forget(MailboxName mailbox) {
        try {
            folders.forgetInbox(layout.folder(mailbox));
        } catch (UncheckedIOException e) {
            LOG.debug("event=mailbox-not-found mailbox={} reason=\"{}\"", mailbox, Failures.text(e));
        }
    }

    /**
     * Writes a message into one mailbox.
     *
     * @param written the file in an earlier mailbox, or null
     * @return the file, which may be linked into the next mailbox
     */
    private Path publish(StoredMessage message, MailboxName mailbox, Attempt attempt, @Nullable Path written)
            throws IOException {
        Path folder = layout.folder(mailbox);
        boolean wasKnown = folders.isKnown(folder);
        try {
            return publish(message, prepared(folder, message), attempt, written);
        } catch (NoSuchFileException e) {
            if (!wasKnown) {
                throw e;
            }
            // Another program has removed the folder.
            folders.forget(folder);
            return publish(message, prepared(folder, message), attempt, null);
        }
    }

    private Path prepared(Path mailbox, StoredMessage message) throws IOException {
        return message.envelope().junk() ? folders.prepareJunk(mailbox) : folders.prepareInbox(mailbox);
    }

    private Path publish(StoredMessage message, Path folder, Attempt attempt, @Nullable Path written)
            throws IOException {
        String name = message.envelope().id().toString();
        // After a crash a name may exist without its content, so a file that is found is written again under its name.
        Path found = attempt == Attempt.REPEATED ? find(folder, name) : null;
        Path target = found == null ? folder.resolve("new").resolve(name) : found;
        FinalDelivery form = written == null ? FinalDelivery.of(message.content()) : null;
        Path source = form == null ? written : form.isWhole() ? linkable(message) : null;
        if (found != null || source == null || !linked(source, target)) {
            write(form == null ? FinalDelivery.of(message.content()) : form, message, folder, target);
        }
        return target;
    }

    private static @Nullable Path linkable(StoredMessage message) {
        return message instanceof LinkableMessage file ? file.mailboxFile() : null;
    }

    private boolean linked(Path written, Path target) {
        try {
            disk.link(written, target);
            return true;
        } catch (FileAlreadyExistsException e) {
            return true;
        } catch (IOException | UnsupportedOperationException e) {
            // The other mailbox is on another file system, or the file system has no links. The message is copied
            // instead.
            LOG.debug("event=link-failed file={} reason=\"{}\"", target, Failures.text(e));
            return false;
        }
    }

    private void write(FinalDelivery form, StoredMessage message, Path folder, Path target) throws IOException {
        Path temporary = folder.resolve("tmp").resolve(message.envelope().id().toString());
        try {
            writeTemporary(form, message, temporary);
            disk.rename(temporary, target);
        } catch (IOException | RuntimeException e) {
            try {
                disk.delete(temporary);
            } catch (IOException stray) {
                e.addSuppressed(stray);
            }
            throw e;
        }
    }

    private void writeTemporary(FinalDelivery form, StoredMessage message, Path temporary) throws IOException {
        try (DiskFile file = createFresh(temporary)) {
            form.writeTo(
                    file.appender(), MailboxFormat.returnPath(message.envelope().sender()));
        }
    }

    private DiskFile createFresh(Path temporary) throws IOException {
        try {
            return disk.create(temporary);
        } catch (FileAlreadyExistsException e) {
            // An earlier run was interrupted.
            disk.delete(temporary);
            return disk.create(temporary);
        }
    }

    /** Returns the file of a message in {@code new}, or in {@code cur} with any flags, or null if there is none. */
    private @Nullable Path find(Path folder, String unique) throws IOException {
        Path fresh = folder.resolve("new").resolve(unique);
        if (disk.exists(fresh)) {
            return fresh;
        }
        for (String part : List.of("new", "cur")) {
            for (String name : disk.list(folder.resolve(part))) {
                if (name.equals(unique) || name.startsWith(unique + ":") || name.startsWith(unique + ",")) {
                    return FileNames.resolve(folder.resolve(part), name);
                }
            }
        }
        return null;
    }
}
