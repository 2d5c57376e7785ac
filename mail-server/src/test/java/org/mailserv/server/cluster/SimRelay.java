package org.mailserv.server.cluster;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.cluster.table.SharedTables;
import org.mailserv.server.spool.Arrival;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.QueueListener;
import org.mailserv.server.spool.QueuedMessage;
import org.mailserv.server.spool.Recipient;
import org.mailserv.server.spool.RecipientState;
import org.mailserv.server.spool.SpoolException;

/** A relay that behaves as ours does: it asks the lease before MAIL and before the final dot, and commits a bounce before it gives up. */
final class SimRelay implements QueueListener {
    private static final class Entry {
        final QueuedMessage message;
        MessageState state;
        boolean active;
        boolean dropped;
        final List<Runnable> whenIdle = new ArrayList<>();

        Entry(QueuedMessage message) {
            this.message = message;
            this.state = message.state();
        }
    }

    private final SimWorld world;
    private final String name;
    private final SimMachine machine;
    private final SharedTables tables;
    private final SimLedger ledger;
    private final Random random;
    private final Map<QueueId, Entry> entries = new HashMap<>();
    private ClusterNode node;
    private boolean paused;

    SimRelay(SimWorld world, String name, SimMachine machine, SharedTables tables, SimLedger ledger) {
        this.world = world;
        this.name = name;
        this.machine = machine;
        this.tables = tables;
        this.ledger = ledger;
        this.random = world.random;
    }

    void serve(ClusterNode served) {
        node = served;
    }

    int size() {
        return entries.size();
    }

    String describe() {
        StringBuilder text = new StringBuilder();
        entries.forEach((id, entry) -> text.append(id)
                .append(entry.active ? " active " : " waits ")
                .append(entry.state)
                .append('\n'));
        return text.toString();
    }

    @Override
    public void arrived(QueuedMessage message) {
        machine.execute(() -> {
            world.trace(name, "arrived " + message.id() + (entries.containsKey(message.id()) ? ", known" : ""));
            if (!entries.containsKey(message.id())) {
                Entry entry = new Entry(message);
                entries.put(message.id(), entry);
                schedule(entry);
            }
        });
    }

    @Override
    public CompletionStage<Void> lost(Predicate<QueueId> some) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        machine.execute(() -> {
            List<CompletionStage<Void>> idle = new ArrayList<>();
            for (Entry entry : List.copyOf(entries.values())) {
                if (!some.test(entry.message.id())) {
                    continue;
                } else if (entry.active) {
                    entry.dropped = true;
                    world.trace(name, "drop later " + entry.message.id());
                    CompletableFuture<Void> end = new CompletableFuture<>();
                    entry.whenIdle.add(() -> end.complete(null));
                    idle.add(end);
                } else {
                    world.trace(name, "drop " + entry.message.id());
                    entries.remove(entry.message.id());
                }
            }
            Stages.all(idle).thenRun(() -> done.complete(null));
        });
        return done;
    }

    @Override
    public void pause() {
        paused = true;
    }

    @Override
    public void resume() {
        paused = false;
    }

    @Override
    public CompletionStage<?> taken() {
        return Stages.done();
    }

    private void schedule(Entry entry) {
        Duration wait = Duration.between(machine.wallTime(), entry.state.nextAttempt());
        machine.schedule(wait.isNegative() ? Duration.ofMillis(1) : wait, () -> attempt(entry));
    }

    private void attempt(Entry entry) {
        if (entries.get(entry.message.id()) != entry || entry.active || entry.dropped || entry.state.isSettled()) {
            return;
        } else if (paused || !node.lease().isSure()) {
            machine.schedule(Duration.ofMillis(500), () -> attempt(entry));
            return;
        }
        entry.active = true;
        machine.whenDone(content(entry.message.id()), (content, failure) -> {
            world.trace(name, "open " + entry.message.id() + " " + content + " " + failure);
            if (content == null) {
                idle(entry);
                if (failure instanceof SpoolException spool && spool.reason() == SpoolException.Reason.NOT_FOUND) {
                    entries.remove(entry.message.id(), entry);
                } else {
                    machine.schedule(Duration.ofSeconds(5), () -> attempt(entry));
                }
            } else if (!node.lease().isSure()) {
                idle(entry);
                machine.schedule(Duration.ofSeconds(1), () -> attempt(entry));
            } else {
                send(entry, content);
            }
        });
    }

    private CompletionStage<String> content(QueueId id) {
        FreshMail.Live live = node.findFresh(id);
        if (live != null) {
            return Stages.done(text(live.content()));
        }
        QueueShards.Entry queued = node.findQueued(id);
        if (queued == null) {
            return CompletableFuture.failedFuture(SpoolException.notFound(id));
        }
        return tables.bodies()
                .part(queued.body(), 0)
                .thenCompose(found -> found.isEmpty()
                        ? CompletableFuture.failedFuture(SpoolException.notFound(id))
                        : Stages.done(text(found.get(0))));
    }

    private static String text(ByteBuffer octets) {
        return StandardCharsets.US_ASCII.decode(octets.duplicate()).toString();
    }

    private void send(Entry entry, String content) {
        machine.schedule(Duration.ofNanos(1000 * world.micros(500_000, 20_000_000)), () -> {
            if (!node.lease().isSure()) {
                idle(entry);
                machine.schedule(Duration.ofSeconds(1), () -> attempt(entry));
                return;
            }
            outcomes(entry, content);
        });
    }

    /** The final dot. What follows may take its time. */
    private void outcomes(Entry entry, String content) {
        List<RecipientState> states = new ArrayList<>(entry.state.recipients());
        List<Recipient> recipients = entry.message.envelope().recipients();
        List<Recipient> refused = new ArrayList<>();
        List<MailboxName> mailboxes = new ArrayList<>();
        boolean pending = false;
        for (int i = 0; i < states.size(); i++) {
            if (states.get(i).isSettled()) {
                continue;
            }
            Recipient recipient = recipients.get(i);
            int dice = world.healed ? 0 : random.nextInt(20);
            if (recipient.isLocal()) {
                mailboxes.add(recipient.mailbox());
            } else if (dice < 14) {
                deliver(content, recipient);
                states.set(i, new RecipientState(RecipientState.Status.DELIVERED, "mx", "250"));
            } else if (dice < 19) {
                states.set(i, new RecipientState(RecipientState.Status.PENDING, "mx", "451"));
                pending = true;
            } else {
                refused.add(recipient);
            }
        }
        boolean again = pending;
        CompletionStage<List<@Nullable Throwable>> local = mailboxes.isEmpty()
                ? Stages.done(List.of())
                : new MailboxWriter(tables)
                        .deliver(
                                entry.message.envelope(),
                                MailboxWriter.Content.of(SimCluster.octets(content)),
                                entry.message.id(),
                                mailboxes);
        machine.whenDone(local, (failures, none) -> {
            boolean localAgain = false;
            for (int i = 0; i < states.size(); i++) {
                int at = recipients.get(i).isLocal()
                        ? mailboxes.indexOf(recipients.get(i).mailbox())
                        : -1;
                if (at >= 0 && !states.get(i).isSettled()) {
                    if (failures.get(at) == null) {
                        states.set(i, RecipientState.DELIVERED_LOCALLY);
                    } else {
                        localAgain = true;
                    }
                }
            }
            bounce(entry, content, refused, states, again || localAgain);
        });
    }

    private void deliver(String content, Recipient recipient) {
        if (content.startsWith("bounce ")) {
            String[] words = content.split(" ");
            for (int i = 2; i < words.length; i++) {
                ledger.arrived(Integer.parseInt(words[1]), words[i]);
            }
        } else {
            ledger.arrived(Integer.parseInt(content), recipient.address().toString());
        }
    }

    private void bounce(
            Entry entry, String content, List<Recipient> refused, List<RecipientState> states, boolean again) {
        Envelope envelope = entry.message.envelope();
        if (refused.isEmpty() || envelope.sender().isNull()) {
            boolean retry = again || !refused.isEmpty();
            settle(entry, states, retry);
            return;
        }
        StringBuilder text = new StringBuilder("bounce " + content);
        refused.forEach(recipient -> text.append(' ').append(recipient.address()));
        Envelope bounce = Envelope.of(
                QueueId.random(random),
                ReversePath.NULL,
                List.of(Recipient.remote(new Address("client", "clients.example"))),
                Arrival.local(machine.wallTime()));
        CompletionStage<FreshMail.Live> committed = node.accept(
                new FreshEntry.Inline(bounce, MessageState.initial(bounce), SimCluster.octets(text.toString())));
        machine.whenDone(committed, (live, failure) -> {
            if (failure == null) {
                arrived(new QueuedMessage(bounce, MessageState.initial(bounce), text.length()));
                for (int i = 0; i < states.size(); i++) {
                    if (refused.contains(envelope.recipients().get(i))) {
                        states.set(i, new RecipientState(RecipientState.Status.FAILED, "mx", "550"));
                    }
                }
            }
            settle(entry, states, again || failure != null);
        });
    }

    private void settle(Entry entry, List<RecipientState> states, boolean again) {
        MessageState next = entry.state.withRecipients(states);
        if (again) {
            Instant time = machine.wallTime().plusSeconds(1 + random.nextInt(30));
            next = next.withAttempt(time);
        }
        entry.state = next;
        world.trace(name, "outcome " + entry.message.id() + " " + next);
        store(entry, next);
        // As in ours: the state is on its way before the message is let go.
        idle(entry);
        if (entries.get(entry.message.id()) == entry && !next.isSettled()) {
            schedule(entry);
        }
    }

    private void store(Entry entry, MessageState state) {
        machine.whenDone(node.update(entry.message.id(), state), (done, failure) -> {
            world.trace(name, "stored " + entry.message.id() + " " + failure);
            boolean gone = failure instanceof SpoolException spool && spool.reason() == SpoolException.Reason.NOT_FOUND;
            if (gone || failure == null && state.isSettled()) {
                entries.remove(entry.message.id(), entry);
            } else if (failure != null && entry.state == state) {
                machine.schedule(Duration.ofSeconds(5), () -> {
                    if (entry.state == state) {
                        store(entry, state);
                    }
                });
            }
        });
    }

    private void idle(Entry entry) {
        entry.active = false;
        List<Runnable> waiting = List.copyOf(entry.whenIdle);
        entry.whenIdle.clear();
        if (entry.dropped) {
            entries.remove(entry.message.id(), entry);
        }
        waiting.forEach(Runnable::run);
    }
}
