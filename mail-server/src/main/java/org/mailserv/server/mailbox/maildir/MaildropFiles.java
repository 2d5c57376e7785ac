package org.mailserv.server.mailbox.maildir;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.FileNames;
import org.mailserv.server.mailbox.Maildrop.MaildropMessage;
import org.mailserv.server.mailbox.MaildropException;

/** The files of one mailbox, found by the entries of its listing. All methods block. */
final class MaildropFiles {
    private final Disk disk;
    private final Path folder;

    MaildropFiles(Disk disk, Path folder) {
        this.disk = disk;
        this.folder = folder;
    }

    /** Opens a message; the caller closes it. */
    MaildropMessage read(MaildirListing.Entry entry) throws IOException, MaildropException {
        FileChannel channel = open(entry);
        long size = channel.size();
        if (entry.isForeign()) {
            CrlfMessage message = new CrlfMessage(channel, entry.octets());
            return entry.octets() <= InMemoryMessage.MAX_LENGTH ? InMemoryMessage.of(message) : message;
        }
        return size <= InMemoryMessage.MAX_LENGTH
                ? InMemoryMessage.read(channel, (int) size)
                : new FileMessage(channel, size);
    }

    private FileChannel open(MaildirListing.Entry entry) throws IOException, MaildropException {
        try {
            return disk.openForRead(path(entry));
        } catch (NoSuchFileException e) {
            // Another mail program has changed its flags: the unique part of the name stays the same.
            for (String part : List.of("cur", "new")) {
                for (String name : disk.list(folder.resolve(part))) {
                    if (MaildirName.unique(name).equals(MaildirName.unique(entry.fileName()))) {
                        return disk.openForRead(FileNames.resolve(folder.resolve(part), name));
                    }
                }
            }
            throw new MaildropException(MaildropException.Reason.NO_SUCH_MESSAGE, "the message is gone", e);
        }
    }

    /** Deletes a file; returns false if it is not there under the name in the listing. */
    boolean delete(MaildirListing.Entry entry) throws IOException {
        return disk.delete(path(entry));
    }

    private Path path(MaildirListing.Entry entry) {
        return FileNames.resolve(folder.resolve(entry.inCur() ? "cur" : "new"), entry.fileName());
    }
}
