package org.mailserv.server.cluster;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.cluster.SimNetwork.Mutation;
import org.mailserv.server.cluster.SimNetwork.Weather;
import org.mailserv.server.cluster.memory.MemoryTables;
import org.mailserv.server.cluster.table.MailboxTable.Folder;
import org.mailserv.server.cluster.table.MailboxTable.MailRow;
import org.mailserv.server.cluster.table.SharedTables;
import org.mailserv.server.spool.Arrival;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.QueuedMessage;
import org.mailserv.server.spool.Recipient;
import org.mailserv.server.spool.RecipientState;

/** A few nodes, their clients and the outside world, for as long as one seed lasts. */
final class SimCluster {
    private static final long SECOND = 1_000_000;
    private static final String[] DOMAINS = {"a.example", "b.example", "c.example", "d.example"};
    private static final String[] USERS = {"ann", "ben"};

    /** One life of a process. */
    private final class Node {
        final String name;
        final int number;
        final SimMachine machine = new SimMachine(world);
        final SharedTables tables;
        final SimRelay relay;
        final ClusterNode node;

        Node(int number) {
            this.number = number;
            this.name = "node" + number;
            this.tables = engine.through(new SimNetwork(world, machine, weather, outage, number, mutation));
            this.relay = new SimRelay(world, name, machine, tables, ledger);
            this.node = new ClusterNode(
                    machine,
                    tables,
                    new ClusterSettings("sim", name, "", ClusterTiming.DEFAULT, 4, 16 * 1024 * 1024),
                    relay);
            relay.serve(node);
            machine.execute(node::start);
        }
    }

    private final SimWorld world;
    private final Mutation mutation;
    private final Weather weather;
    private final SimOutage outage = new SimOutage();
    private final MemoryTables engine;
    private final SimLedger ledger = new SimLedger();
    private final List<Node> nodes = new ArrayList<>();
    private final SharedTables outside;
    private int sessions;

    SimCluster(long seed, Mutation mutation) {
        this.world = new SimWorld(seed);
        this.mutation = mutation;
        this.engine = new MemoryTables(world::millis);
        this.outside = engine.through(org.mailserv.server.cluster.memory.Network.DIRECT);
        engine.stateListener = ledger::wrote;
        if (mutation == Mutation.EPOCH) {
            long[] arrivals = {1};
            engine.timestamps = stamp -> ++arrivals[0];
        }
        double bad = world.random.nextDouble();
        this.weather = new Weather(
                0.01 * bad * dice(), 0.01 * bad * dice(), 0.5, 0.1 * dice(), 0.002 * dice(), 0.001 * dice());
    }

    private double dice() {
        return world.random.nextInt(4) == 0 ? 0 : world.random.nextDouble();
    }

    static ByteBuffer octets(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    SimCluster traced() {
        world.trace = true;
        return this;
    }

    /** Runs the seed; returns what must not have happened. */
    List<String> run() {
        int count = 2 + world.random.nextInt(2);
        for (int i = 0; i < count; i++) {
            nodes.add(new Node(i));
        }
        for (int i = world.random.nextInt(3); i > 0; i--) {
            long from = world.now() + (long) (world.random.nextDouble() * 55 * SECOND);
            outage.add(
                    world.random.nextInt(count + 1) - 1, from, from + (long) (world.random.nextDouble() * 15 * SECOND));
        }
        int messages = 10 + world.random.nextInt(30);
        for (int i = 0; i < messages; i++) {
            int message = i;
            Set<String> recipients = recipients();
            world.in((long) ((5 + world.random.nextDouble() * 50) * SECOND), () -> submit(message, recipients));
        }
        watchNodes();
        for (int i = world.random.nextInt(8); i > 0; i--) {
            world.in((long) (world.random.nextDouble() * 60 * SECOND), this::openMaildrop);
        }
        world.runFor(65 * SECOND);
        world.healed = true;
        world.runFor(175 * SECOND);
        collectMailboxes();
        ledger.close();
        return ledger.violations;
    }

    private Set<String> recipients() {
        Set<String> recipients = new TreeSet<>();
        do {
            if (world.chance(0.3)) {
                recipients.add(USERS[world.random.nextInt(USERS.length)] + "@here.example");
            } else {
                recipients.add("r" + world.random.nextInt(2) + "@" + DOMAINS[world.random.nextInt(DOMAINS.length)]);
            }
        } while (world.chance(0.4));
        return recipients;
    }

    /** A session of POP3, on any node: it takes the lock of a maildrop, works for a while, and comes again. */
    private void openMaildrop() {
        Node node = nodes.get(world.random.nextInt(nodes.size()));
        String mailbox = USERS[world.random.nextInt(USERS.length)] + "@here.example";
        String session = node.name + "/" + sessions++;
        world.in(SECOND * (5 + world.random.nextInt(60)), this::openMaildrop);
        if (node.machine.isDead()) {
            return;
        }
        long end = world.now() + SECOND * (1 + world.random.nextInt(200));
        node.machine.execute(() -> node.machine.whenDone(
                MaildropLock.acquire(node.machine, node.tables.maildropLocks(), mailbox, session), (lock, refused) -> {
                    if (lock != null) {
                        work(node, lock, mailbox, session, end);
                    }
                }));
    }

    /** Whoever thinks that it has the lock must have it. */
    private void work(Node node, MaildropLock lock, String mailbox, String session, long end) {
        if (!lock.isHeld()) {
            return;
        }
        String holder = outside.maildropLocks()
                .holders(mailbox)
                .toCompletableFuture()
                .join()
                .get(0);
        if (!session.equals(holder)) {
            ledger.violations.add(session + " works in " + mailbox + ", which " + holder + " has locked");
        }
        if (world.now() >= end) {
            lock.release();
        } else {
            node.machine.schedule(Duration.ofSeconds(3), () -> work(node, lock, mailbox, session, end));
        }
    }

    /** Starts the dead again after a while. */
    private void watchNodes() {
        for (int i = 0; i < nodes.size(); i++) {
            Node node = nodes.get(i);
            int number = i;
            if (node.machine.isDead()) {
                nodes.set(i, new Node(number));
            }
        }
        world.in(SECOND * (1 + world.random.nextInt(15)), this::watchNodes);
    }

    /** A client that tries until it has a 250. */
    private void submit(int message, Set<String> recipients) {
        if (ledger.acknowledged.containsKey(message)) {
            return;
        }
        Node node = nodes.get(world.random.nextInt(nodes.size()));
        long again = world.healed ? 5 * SECOND : SECOND * (1 + world.random.nextInt(30));
        world.in(again, () -> submit(message, recipients));
        if (!node.machine.isDead()) {
            node.machine.execute(() -> accept(node, message, recipients));
        }
    }

    private void accept(Node node, int message, Set<String> recipients) {
        List<Recipient> all = new ArrayList<>();
        for (String one : recipients) {
            int at = one.indexOf('@');
            Address address = new Address(one.substring(0, at), one.substring(at + 1));
            all.add(
                    one.endsWith("@here.example")
                            ? Recipient.local(address, new MailboxName(address.domain(), address.localPart()))
                            : Recipient.remote(address));
        }
        Envelope envelope = Envelope.of(
                QueueId.random(world.random),
                new ReversePath(new Address("client", "clients.example")),
                all,
                Arrival.local(node.machine.wallTime()));
        ByteBuffer content = octets(Integer.toString(message));
        FreshEntry.Inline entry = new FreshEntry.Inline(envelope, MessageState.initial(envelope), content);
        world.trace(node.name, "submit " + message + " as " + envelope.id() + " to " + recipients);
        node.machine.whenDone(node.node.accept(entry), (live, failure) -> {
            world.trace(node.name, "accepted " + envelope.id() + " " + failure);
            if (failure == null) {
                node.machine.whenDone(deliver(node, envelope, content), (state, none) -> {
                    if (!state.isSettled()) {
                        node.relay.arrived(new QueuedMessage(envelope, state, content.remaining()));
                    }
                    ledger.acknowledged(message, recipients);
                });
            }
        });
    }

    private CompletionStage<MessageState> deliver(Node node, Envelope envelope, ByteBuffer content) {
        MessageState initial = MessageState.initial(envelope);
        List<MailboxName> mailboxes = new ArrayList<>();
        for (Recipient recipient : envelope.recipients()) {
            if (recipient.isLocal()) {
                mailboxes.add(recipient.mailbox());
            }
        }
        if (mailboxes.isEmpty()) {
            return Stages.done(initial);
        }
        CompletionStage<List<@Nullable Throwable>> delivered = new MailboxWriter(node.tables)
                .deliver(envelope, MailboxWriter.Content.of(content), envelope.id(), mailboxes);
        return node.machine.here(delivered).thenApply(failures -> {
            List<RecipientState> states = new ArrayList<>(initial.recipients());
            for (int i = 0; i < states.size(); i++) {
                MailboxName mailbox = envelope.recipients().get(i).mailbox();
                if (mailbox != null && failures.get(mailboxes.indexOf(mailbox)) == null) {
                    states.set(i, RecipientState.DELIVERED_LOCALLY);
                }
            }
            MessageState after = initial.withRecipients(states);
            node.node.note(envelope.id(), after);
            return after;
        });
    }

    private void collectMailboxes() {
        for (String user : USERS) {
            Folder folder = new Folder(user + "@here.example", "");
            for (MailRow row : outside.mailboxes()
                    .rows(folder, null, Integer.MAX_VALUE)
                    .toCompletableFuture()
                    .join()) {
                List<ByteBuffer> content = outside.bodies()
                        .part(row.body(), 0)
                        .toCompletableFuture()
                        .join();
                if (content.isEmpty()) {
                    ledger.violations.add("the body of " + row + " is gone");
                } else {
                    String text =
                            StandardCharsets.US_ASCII.decode(content.get(0)).toString();
                    ledger.arrived(Integer.parseInt(text), user + "@here.example");
                }
            }
        }
    }

    /** Returns what the nodes have, for a seed that failed. */
    String describe() {
        StringBuilder text = new StringBuilder();
        for (Node node : nodes) {
            text.append(node.name)
                    .append(node.machine.isDead() ? " dead" : " run " + node.node.run())
                    .append(" messages ")
                    .append(node.node.messages())
                    .append(" shards ")
                    .append(node.node.ownedShards())
                    .append(" takeovers ")
                    .append(node.node.takeovers())
                    .append(' ')
                    .append(node.node.runs())
                    .append('\n')
                    .append(node.relay.describe());
        }
        return text.toString();
    }

    static Duration length() {
        return Duration.ofSeconds(240);
    }
}
