package org.mailserv.server.spool.file;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.disk.DiskFile;
import org.mailserv.server.spool.LocalMailboxes;
import org.mailserv.server.spool.QueueId;

/**
 * One file of the journal, and the work to do before it can be reused. The writer owns {@link #position}; everything else is guarded by the
 * segment itself.
 */
final class Segment extends SegmentFile {
    private final Map<QueueId, LiveMessage> messages = new HashMap<>();
    private final Set<LiveMessage> states = new HashSet<>();
    private final Map<MailboxName, Set<String>> deletions = new HashMap<>();
    private final Map<LocalMailboxes.Delivered, LiveMessage> deliveries = new LinkedHashMap<>();
    private final List<QueueId> incoming = new ArrayList<>();
    private int pendingAcceptances;

    Segment(Path path, DiskFile file, long number, long openedNanos) {
        super(path, file, number, openedNanos);
    }

    synchronized void addMessage(LiveMessage message) {
        messages.put(message.id, message);
        pendingAcceptances++;
        hold();
        if (message.length == 0) {
            incoming.add(message.id);
        }
    }

    /** Notes the end of the delivery after a commit. The segment may be retired once the deliveries are synced. */
    synchronized void accepted(LiveMessage message, List<MailboxName> mailboxes) {
        if (!mailboxes.isEmpty()) {
            deliveries.put(new LocalMailboxes.Delivered(message.id, mailboxes), message);
        }
        pendingAcceptances--;
        release();
    }

    @Override
    synchronized void removeMessage(QueueId id) {
        messages.remove(id);
    }

    synchronized void addState(LiveMessage message) {
        states.add(message);
    }

    synchronized void addDeletions(MailboxName mailbox, Collection<String> uids) {
        deletions.computeIfAbsent(mailbox, key -> new HashSet<>()).addAll(uids);
    }

    /** Waits until no message of this segment is between its commit and its delivery. */
    synchronized boolean awaitAccepted(long millis) throws InterruptedException {
        long deadline = System.nanoTime() + millis * 1_000_000;
        while (pendingAcceptances > 0) {
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return false;
            }
            wait(left);
        }
        return true;
    }

    synchronized List<LiveMessage> messages() {
        return new ArrayList<>(messages.values());
    }

    synchronized List<LiveMessage> states() {
        return new ArrayList<>(states);
    }

    synchronized Map<MailboxName, Set<String>> deletions() {
        return new HashMap<>(deletions);
    }

    /** Returns the messages whose content is a file of its own. */
    synchronized List<QueueId> incoming() {
        return new ArrayList<>(incoming);
    }

    /** Returns the deliveries, and the messages to read them from again. */
    synchronized Map<LocalMailboxes.Delivered, LiveMessage> deliveries() {
        return new LinkedHashMap<>(deliveries);
    }
}
