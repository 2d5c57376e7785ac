package org.mailserv.server.store.shared;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.ClusterBlocks;
import org.mailserv.server.cluster.ClusterCounts;
import org.mailserv.server.cluster.ClusterFiles;
import org.mailserv.server.cluster.ClusterGreylist;
import org.mailserv.server.cluster.ClusterMailboxes;
import org.mailserv.server.cluster.ClusterNode;
import org.mailserv.server.cluster.ClusterSeats;
import org.mailserv.server.cluster.ClusterSpool;
import org.mailserv.server.cluster.MailboxCopies;
import org.mailserv.server.cluster.PeerQuestions;
import org.mailserv.server.cluster.StoreSettings;
import org.mailserv.server.cluster.engine.Engine;
import org.mailserv.server.delivery.MessageAcceptor;
import org.mailserv.server.delivery.MessageQueue;
import org.mailserv.server.delivery.SpoolingAcceptor;
import org.mailserv.server.delivery.SuccessNotices;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.mailbox.MailboxStore;
import org.mailserv.server.spool.Spool;
import org.mailserv.server.store.DestinationBlocks;
import org.mailserv.server.store.GreylistMemory;
import org.mailserv.server.store.Lease;
import org.mailserv.server.store.MailStore;
import org.mailserv.server.store.Seats;
import org.mailserv.server.store.SharedCounts;
import org.mailserv.server.store.SharedFiles;

/** The store that the nodes of a cluster share, as one of them sees it. */
public final class SharedStore implements MailStore {
    private static final int READERS = 4;
    private static final int READS = 1000;

    private final Engine engine;
    private final ThreadLoop loop = new ThreadLoop();
    private final ThreadPoolExecutor readers;
    private final String name;
    private final ProcessDoor door;
    private final ClusterSpool spool;
    private final ClusterMailboxes mailboxes;
    private final ClusterSeats seats;
    private final ClusterBlocks blocks;
    private final ClusterCounts counts;
    private final ClusterGreylist greylist;
    private final ClusterFiles files;
    private final PeerQuestions peers;
    private final MailEvents events;

    /**
     * Begins to use an engine, which is closed with the store. The spool is started by the caller.
     *
     * @param address the address of this machine at which other nodes reach it
     * @param seatsPerAddress the connections that the relays of all nodes may have to each address
     * @param events receives what happens to stored messages
     */
    public SharedStore(
            Engine engine, StoreSettings settings, InetAddress address, IntSupplier seatsPerAddress, MailEvents events)
            throws IOException {
        this.engine = engine;
        this.events = events;
        String node = settings.node().node();
        name = node;
        readers = new ThreadPoolExecutor(
                READERS, READERS, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(READS), task -> {
                    Thread thread = new Thread(task, "cluster-content");
                    thread.setDaemon(true);
                    return thread;
                });
        readers.allowCoreThreadTimeOut(true);
        door = new ProcessDoor(address, readers, this::node);
        spool = new ClusterSpool(loop, engine.tables(), settings.withDoor(door.text()));
        mailboxes = new ClusterMailboxes(loop, engine.tables(), node, readers, settings.inlineLimit());
        seats = new ClusterSeats(loop, engine.tables(), node, door.process(), seatsPerAddress, door);
        blocks = new ClusterBlocks(loop, engine.tables().hints());
        counts = new ClusterCounts(loop, engine.tables().hints(), node);
        greylist = new ClusterGreylist(loop, engine.tables().hints());
        files = new ClusterFiles(engine.tables().files());
        peers = new PeerQuestions(loop, engine.tables().hints(), node, this::livingNodes);
        loop.execute(counts::start);
    }

    private @Nullable ClusterNode node() {
        return spool.node();
    }

    /** On the loop. */
    private Set<String> livingNodes() {
        ClusterNode self = node();
        return self == null ? Set.of() : self.livingNodes();
    }

    /** Returns the way to ask other nodes. */
    public PeerQuestions peers() {
        return peers;
    }

    /** Returns the messages of the mailboxes one by one, for a copy from files or to files. */
    public MailboxCopies copies() {
        return new MailboxCopies(engine.tables());
    }

    /** Returns what this node knows of the cluster. The stage does not fail; what the engine does not tell is missing. */
    public CompletionStage<ClusterStatus> status() {
        CompletableFuture<ClusterStatus> status = new CompletableFuture<>();
        loop.execute(() -> loop.whenDone(
                engine.tables().shards().shards(),
                (rows, failure) -> status.complete(
                        ClusterStatus.of(name, spool, rows == null ? List.of() : rows, engine.nodes()))));
        return status;
    }

    /** Hands over the mail of this node for maintenance, as {@link ClusterSpool#drain} does. */
    public CompletionStage<Void> drain() {
        return spool.drain();
    }

    /** Returns the name of this node. */
    public String name() {
        return name;
    }

    @Override
    public Spool spool() {
        return spool;
    }

    @Override
    public MailboxStore mailboxes() {
        return mailboxes;
    }

    @Override
    public MessageAcceptor acceptor(MessageQueue queue, SuccessNotices notices) {
        return new SpoolingAcceptor(spool, mailboxes, queue, notices, events);
    }

    @Override
    public Seats seats() {
        return seats;
    }

    @Override
    public DestinationBlocks blocks() {
        return blocks;
    }

    @Override
    public Lease lease() {
        return spool.lease();
    }

    @Override
    public SharedCounts counts() {
        return counts;
    }

    @Override
    public GreylistMemory greylist() {
        return greylist;
    }

    @Override
    public Optional<SharedFiles> files() {
        return Optional.of(files);
    }

    @Override
    public void addDomain(String domain, @Nullable Path folder) {
        // A mailbox begins with its first message.
    }

    @Override
    public List<String> checkQueue() {
        return new ArrayList<>();
    }

    @Override
    public int copyQueue(Path folder) throws IOException {
        throw new IOException("the store is Apache Cassandra: back it up with its own tools (nodetool snapshot)");
    }

    @Override
    public void close() {
        spool.close();
        loop.execute(counts::stop);
        loop.execute(peers::stop);
        door.close();
        readers.shutdown();
        loop.close();
        engine.close();
    }
}
