package org.mailserv.server.spool.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.spool.LocalMailboxes;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletions that a mailbox's disk refuses, for example because it is read-only. They are kept in a file of their own until the disk accepts
 * them, so that the journal need not keep them. Confined to one thread at a time; all methods block.
 */
final class PendingDeletions {
    private static final Logger LOG = LoggerFactory.getLogger(PendingDeletions.class);

    private final Disk disk;
    private final Path file;
    private final LocalMailboxes mailboxes;
    private final Map<MailboxName, Set<String>> left = new LinkedHashMap<>();

    PendingDeletions(Disk disk, Path folder, LocalMailboxes mailboxes) {
        this.disk = disk;
        this.file = folder.resolve("deletions");
        this.mailboxes = mailboxes;
    }

    /** Reads the deletions that an earlier run left. */
    void load() throws IOException {
        if (disk.exists(file)) {
            for (String block : read().split("\n\n")) {
                List<String> lines = List.of(block.strip().split("\n"));
                if (lines.size() > 1) {
                    left.put(QueueFile.mailboxName(lines.get(0)), new LinkedHashSet<>(lines.subList(1, lines.size())));
                }
            }
        }
    }

    private String read() throws IOException {
        try (FileChannel channel = disk.openForRead(file)) {
            return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Deletes messages durably. Deletions that fail are kept in the file, which is durable on return. */
    void delete(Map<MailboxName, Set<String>> deletions) throws IOException {
        boolean more = false;
        for (Map.Entry<MailboxName, Set<String>> entry : deletions.entrySet()) {
            if (!tried(entry.getKey(), entry.getValue())) {
                left.computeIfAbsent(entry.getKey(), mailbox -> new LinkedHashSet<>())
                        .addAll(entry.getValue());
                more = true;
            }
        }
        if (more) {
            store();
        }
    }

    /** Retries the pending deletions. */
    void retry() throws IOException {
        boolean fewer = false;
        for (Iterator<Map.Entry<MailboxName, Set<String>>> entries =
                        left.entrySet().iterator();
                entries.hasNext(); ) {
            Map.Entry<MailboxName, Set<String>> entry = entries.next();
            if (tried(entry.getKey(), entry.getValue())) {
                entries.remove();
                fewer = true;
            }
        }
        if (fewer) {
            store();
        }
    }

    private boolean tried(MailboxName mailbox, Collection<String> uids) {
        try {
            mailboxes.delete(mailbox, uids);
            mailboxes.syncFolders(List.of(mailbox));
            return true;
        } catch (IOException | UncheckedIOException e) {
            LOG.warn(
                    "event=deletions-left mailbox={} messages={} reason=\"{}\"",
                    mailbox,
                    uids.size(),
                    Failures.text(e));
            return false;
        }
    }

    private void store() throws IOException {
        if (left.isEmpty()) {
            disk.delete(file);
            return;
        }
        List<String> blocks = new ArrayList<>();
        left.forEach((mailbox, uids) -> blocks.add(mailbox + "\n" + String.join("\n", uids)));
        disk.replace(file, (String.join("\n\n", blocks) + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
