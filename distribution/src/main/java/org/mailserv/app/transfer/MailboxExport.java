package org.mailserv.app.transfer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.FileNames;
import org.mailserv.server.mailbox.maildir.MaildirName;
import org.mailserv.server.spool.SealedIds;

/** Copies the messages of a mailbox, in their order of arrival, to a format that other programs read. The mailbox stays unchanged. */
public final class MailboxExport {
    private final Path mailbox;
    private final Disk disk;
    private final SealedIds ids;
    private final IntConsumer progress;
    private int exported;

    /** @param progress receives the number of messages so far */
    public MailboxExport(Path mailbox, Disk disk, SealedIds ids, IntConsumer progress) {
        this.mailbox = mailbox;
        this.disk = disk;
        this.ids = ids;
        this.progress = progress;
    }

    /** A file of a message. */
    record Message(Path file, String name, boolean fresh, Instant modified, long micros) {}

    /** Returns the messages of a folder, oldest first. */
    List<Message> messages(Path folder) throws IOException {
        List<Message> messages = new ArrayList<>();
        for (String part : List.of("new", "cur")) {
            for (String name : disk.list(folder.resolve(part))) {
                Path file = FileNames.resolve(folder.resolve(part), name);
                if (!name.startsWith(".") && disk.attributes(file).isRegularFile()) {
                    Instant modified = disk.attributes(file).lastModifiedTime().toInstant();
                    long sealed = ids.microsOf(MaildirName.id(MaildirName.unique(name)));
                    long micros = sealed == SealedIds.UNKNOWN ? SealedIds.micros(modified) : sealed;
                    messages.add(new Message(file, name, part.equals("new"), modified, micros));
                }
            }
        }
        messages.sort(Comparator.comparingLong(Message::micros)
                .thenComparing(Message::modified)
                .thenComparing(Message::name));
        return messages;
    }

    /**
     * Writes a folder to an mbox file. An existing file is replaced.
     *
     * @param folder empty for the inbox, or a Maildir++ folder
     * @return the number of messages written
     */
    public int toMbox(String folder, Path file) throws IOException {
        Path source = folder.isEmpty() ? mailbox : FileNames.resolve(mailbox, folder);
        if (!disk.exists(source)) {
            throw new NoSuchFileException(source + ": no such folder");
        }
        try (MboxFile mbox = new MboxFile(file)) {
            for (Message message : messages(source)) {
                try (InputStream in = Files.newInputStream(message.file())) {
                    mbox.add(
                            in,
                            message.modified(),
                            MaildirName.uid(message.name()),
                            MaildirName.flags(message.name()),
                            message.fresh());
                }
                progress.accept(++exported);
            }
            mbox.complete();
        }
        return exported;
    }

    /**
     * Copies the mailbox with its folders into a Maildir. Messages that are already there stay unchanged.
     *
     * @return the number of messages copied
     */
    public int toMaildir(Path target) throws IOException {
        copy(mailbox, target);
        for (String name : disk.list(mailbox)) {
            Path folder = FileNames.resolve(mailbox, name);
            if (name.startsWith(".") && MaildirSource.isMaildir(folder)) {
                copy(folder, FileNames.resolve(target, name));
            }
        }
        return exported;
    }

    private void copy(Path folder, Path target) throws IOException {
        Set<String> present = new HashSet<>();
        for (String part : List.of("tmp", "new", "cur")) {
            disk.createDirectories(target.resolve(part));
            disk.list(target.resolve(part)).forEach(name -> present.add(MaildirName.unique(name)));
        }
        Instant last = Instant.EPOCH;
        for (Message message : messages(folder)) {
            // Other servers derive the order from these times alone.
            Instant time = message.modified().isAfter(last) ? message.modified() : last.plus(1, ChronoUnit.MICROS);
            last = time;
            if (present.contains(MaildirName.unique(message.name()))) {
                continue;
            }
            Path part = target.resolve(message.fresh() ? "new" : "cur");
            Path temporary = FileNames.resolve(target.resolve("tmp"), MaildirName.unique(message.name()));
            Files.copy(message.file(), temporary, StandardCopyOption.REPLACE_EXISTING);
            Files.setLastModifiedTime(temporary, FileTime.from(time));
            disk.rename(temporary, FileNames.resolve(part, message.name()));
            progress.accept(++exported);
        }
    }
}
