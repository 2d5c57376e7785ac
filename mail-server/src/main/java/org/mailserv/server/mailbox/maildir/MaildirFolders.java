package org.mailserv.server.mailbox.maildir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.mailserv.server.disk.Disk;

/** The folders of mailboxes: created when they are missing, and remembered so that a delivery need not look again. Thread-safe; blocks. */
final class MaildirFolders {
    /** The name that IMAP servers give the Junk folder of a Maildir. */
    static final String JUNK = ".Junk";

    private static final int LEVELS_ABOVE = 3;

    private final Disk disk;
    private final Set<Path> known = ConcurrentHashMap.newKeySet();
    private final Set<Path> notDurable = ConcurrentHashMap.newKeySet();

    MaildirFolders(Disk disk) {
        this.disk = disk;
    }

    /** Returns whether the folder has been prepared, or was when somebody looked last. */
    boolean isKnown(Path mailbox) {
        return known.contains(mailbox);
    }

    /** Returns the mailbox's own folder, with {@code tmp}, {@code new} and {@code cur}. */
    Path prepareInbox(Path mailbox) throws IOException {
        return prepare(mailbox);
    }

    /** Returns the mailbox's Junk folder. */
    Path prepareJunk(Path mailbox) throws IOException {
        return prepare(prepare(mailbox).resolve(JUNK));
    }

    private Path prepare(Path folder) throws IOException {
        if (known.contains(folder)) {
            return folder;
        }
        boolean created = disk.createDirectories(folder);
        for (String part : List.of("tmp", "new", "cur")) {
            created |= disk.createDirectories(folder.resolve(part));
        }
        if (created) {
            notDurable.add(folder);
        }
        known.add(folder);
        return folder;
    }

    /** Looks at the mailbox's own folder again at the next delivery. */
    void forgetInbox(Path mailbox) {
        known.remove(mailbox);
    }

    /** Looks at the mailbox's own folder and its Junk folder again at the next delivery. */
    void forget(Path mailbox) {
        known.remove(mailbox);
        known.remove(mailbox.resolve(JUNK));
    }

    /** Forgets a mailbox that another program has removed. */
    void forgetRemoved(Path mailbox) {
        forget(mailbox);
        notDurable.remove(mailbox);
    }

    /** Makes the name of a new folder durable, which takes a sync of the folders above it. */
    void syncName(Path folder) throws IOException {
        if (!notDurable.contains(folder)) {
            return;
        }
        disk.syncDirectory(folder);
        Path above = folder.getParent();
        for (int i = 0; i < LEVELS_ABOVE && above != null && disk.exists(above); i++) {
            disk.syncDirectory(above);
            above = above.getParent();
        }
        notDurable.remove(folder);
    }
}
