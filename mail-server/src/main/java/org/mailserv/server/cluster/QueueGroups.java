package org.mailserv.server.cluster;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.Recipient;

/**
 * Splits a message into the rows of the shared queue, one for its mailboxes here and one for each other domain. Whoever splits a message makes rows with the same
 * keys: they depend on the envelope alone.
 */
final class QueueGroups {
    private QueueGroups() {}

    /** A part of a message: the recipients of one row. */
    record Group(int shard, Envelope envelope, MessageState state) {
        QueueId id() {
            return envelope.id();
        }
    }

    /** Returns the groups with recipients left. */
    static List<Group> of(Envelope envelope, MessageState state, int shards) {
        Map<String, List<Integer>> members = new LinkedHashMap<>();
        for (int i = 0; i < envelope.recipients().size(); i++) {
            members.computeIfAbsent(group(envelope.recipients().get(i)), made -> new ArrayList<>())
                    .add(i);
        }
        List<Group> groups = new ArrayList<>();
        members.forEach((name, indexes) -> {
            List<Integer> pending = indexes.stream()
                    .filter(index -> !state.recipients().get(index).isSettled())
                    .toList();
            if (!pending.isEmpty()) {
                // Mailboxes know a message by its id, so that a second delivery changes nothing.
                QueueId id = members.size() == 1 || name.isEmpty() ? envelope.id() : derived(envelope.id(), name);
                String domain = domain(envelope.recipients().get(indexes.get(0)));
                groups.add(new Group(
                        shard(domain, shards),
                        envelope.copyFor(id, some(envelope.recipients(), pending)),
                        state.withRecipients(some(state.recipients(), pending))));
            }
        });
        return groups;
    }

    private static <T> List<T> some(List<T> all, List<Integer> indexes) {
        return indexes.stream().map(all::get).toList();
    }

    /** Returns the name of a recipient's group: its domain, or nothing for all mailboxes here. */
    private static String group(Recipient recipient) {
        return recipient.isLocal() ? "" : domain(recipient);
    }

    private static String domain(Recipient recipient) {
        return recipient.address().domain().toLowerCase(Locale.ROOT);
    }

    /** Returns the shard of a domain. */
    static int shard(String domain, int shards) {
        return (int) Long.remainderUnsigned(Rendezvous.hash(domain), shards);
    }

    /** Returns the id of the body that a message gets with its rows, if it had its content in the journal. */
    static QueueId body(QueueId id) {
        // Not the message's own id: mailboxes have that body, and may have deleted it.
        return derived(id, "\ncontent");
    }

    /** Returns the id that a message and a text make. */
    static QueueId derived(QueueId id, String text) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest((id + "\n" + text).getBytes(StandardCharsets.UTF_8));
            ByteBuffer bits = ByteBuffer.wrap(digest);
            return new QueueId(bits.getLong(), bits.getShort());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
