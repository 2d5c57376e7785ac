package org.mailserv.server.store.cql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.cluster.engine.Engine;
import org.mailserv.server.cluster.engine.EngineConfig;
import org.mailserv.server.cluster.table.BodyTable;
import org.mailserv.server.cluster.table.BodyTable.BodyHead;
import org.mailserv.server.cluster.table.Conditional;
import org.mailserv.server.cluster.table.FreshTable.FreshRow;
import org.mailserv.server.cluster.table.MailboxTable.Folder;
import org.mailserv.server.cluster.table.MailboxTable.MailKey;
import org.mailserv.server.cluster.table.MailboxTable.MailRow;
import org.mailserv.server.cluster.table.RunId;
import org.mailserv.server.cluster.table.SharedTables;
import org.mailserv.server.cluster.table.TablesException;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.store.cql.testing.CassandraCluster;
import org.mailserv.server.store.cql.testing.CassandraNode;

/** Three engine nodes, of which some are killed or hang. What was acknowledged stays, and nothing waits for ever. */
@Tag("cluster")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class EngineFaultsTest {
    /** The time-out of a request, and what an overloaded machine adds. */
    private static final Duration BOUND = Duration.ofSeconds(20);

    @TempDir
    static Path folder;

    private static CassandraCluster cluster;
    private static Engine engine;
    private static SharedTables tables;

    private final RunId run = new RunId("n", System.nanoTime());
    private final List<Integer> acknowledged = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        cluster = CassandraCluster.start(folder, CassandraCluster.Setup.of(3));
        engine = new CqlEngineProvider().open(config());
        tables = engine.tables();
    }

    /** The defaults, with more time for a machine that is busy with other tests. */
    private static EngineConfig config() {
        EngineConfig defaults = EngineConfig.of(cluster.contactPoints());
        return new EngineConfig(
                defaults.contactPoints(),
                defaults.datacenter(),
                defaults.keyspace(),
                defaults.replicationFactor(),
                null,
                null,
                false,
                null,
                defaults.durability(),
                Duration.ofSeconds(10),
                Duration.ofSeconds(5),
                defaults.startTimeout(),
                defaults.maxRequests(),
                defaults.maxWaiting());
    }

    @AfterAll
    static void stop() {
        if (engine != null) {
            engine.close();
        }
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    @Order(1)
    @DisplayName("A body of 50 MiB is written and read in parts, in little memory")
    void largeBodiesAreParts() throws Exception {
        BodyTable bodies = tables.bodies();
        QueueId id = QueueId.random();
        int parts = 200;
        long before = used();
        long most = 0;
        ByteBuffer data = ByteBuffer.allocateDirect(BodyTable.PART);
        for (int part = 0; part < parts; part++) {
            data.clear().putInt(0, part);
            get(bodies.insertPart(id, part, data));
            most = Math.max(most, part % 50 == 49 ? used() - before : 0);
        }
        get(bodies.commit(id, new BodyHead((long) parts * BodyTable.PART, ByteBuffer.allocate(0)), null, List.of("q")));
        for (int part = 0; part < parts; part++) {
            ByteBuffer read = get(bodies.part(id, part)).get(0);
            assertThat(read.remaining()).isEqualTo(BodyTable.PART);
            assertThat(read.getInt(0)).isEqualTo(part);
            most = Math.max(most, part % 50 == 49 ? used() - before : 0);
        }
        assertThat(most).as("octets of heap").isLessThan(16 << 20);
        get(bodies.delete(id));
        assertThat(get(bodies.head(id))).isEmpty();
    }

    @Test
    @Order(2)
    @DisplayName("A mailbox of 100,000 messages is listed by pages, each message once and in order")
    void longListingsArePages() throws Exception {
        Folder inbox = new Folder("crowd@sample.org", "");
        int messages = 100_000;
        List<CompletionStage<Void>> under = new ArrayList<>();
        for (int i = 0; i < messages; i++) {
            under.add(tables.mailboxes()
                    .insert(inbox, new MailRow(new MailKey(i / 3, QueueId.random()), 7, QueueId.random(), null)));
            if (under.size() == 500) {
                for (CompletionStage<Void> stage : under) {
                    get(stage);
                }
                under.clear();
            }
        }
        long begun = System.nanoTime();
        List<MailRow> rows = get(tables.mailboxes().rows(inbox, null, 200_000));
        System.out.println("listing of 100,000 messages: " + (System.nanoTime() - begun) / 1_000_000 + " ms");
        assertThat(rows).hasSize(messages);
        for (int i = 1; i < messages; i++) {
            assertThat(rows.get(i - 1).key().compareTo(rows.get(i).key())).isNegative();
        }
        assertThat(get(tables.mailboxes().usage(inbox)).octets()).isEqualTo(7L * messages);
    }

    @Test
    @Order(3)
    @DisplayName("One engine node is killed: writes, looks and conditional writes go on")
    void oneKilled() throws Exception {
        writeMany(50);
        cluster.node(1).kill();
        Duration longest = writeMany(300);
        System.out.println("one engine node killed: longest write " + longest.toMillis() + " ms");
        assertThat(longest).isLessThan(BOUND);
        conditionalGoesOn();
        allAreThere();
        cluster.node(1).start();
        cluster.node(1).awaitReady();
    }

    @Test
    @Order(4)
    @DisplayName(
            "One engine node hangs: writes and looks go on, and conditional writes do after its connections are given"
                    + " up")
    void oneHangs() throws Exception {
        awaitAllUp();
        writeMany(50);
        CassandraNode node = cluster.node(2);
        node.pause();
        try {
            Duration longest = writeMany(300);
            System.out.println("one engine node hung: longest write " + longest.toMillis() + " ms");
            assertThat(longest).isLessThan(BOUND);
            conditionalGoesOn();
            allAreThere();
        } finally {
            node.resume();
        }
    }

    @Test
    @Order(5)
    @DisplayName("Without a quorum writes fail in bounded time and do not count as done; with it everything goes on")
    void quorumLost() throws Exception {
        awaitAllUp();
        writeMany(50);
        cluster.node(1).pause();
        cluster.node(2).pause();
        int refused = 0;
        try {
            for (int i = 0; i < 3; i++) {
                long begun = System.nanoTime();
                try {
                    get(tables.fresh().insert(run, 2, new FreshRow(i, ByteBuffer.allocate(10))));
                } catch (ExecutionException e) {
                    refused++;
                    assertThat(e.getCause()).isInstanceOf(TablesException.class);
                }
                assertThat(System.nanoTime() - begun).isLessThan(BOUND.toNanos());
            }
            Conditional<?> beat = get(tables.runs().begin(new RunId("late", System.nanoTime())));
            assertThat(beat.outcome()).isIn(Conditional.Outcome.UNKNOWN, Conditional.Outcome.FAILED);
        } finally {
            cluster.node(1).resume();
            cluster.node(2).resume();
        }
        assertThat(refused).isEqualTo(3);
        org.awaitility.Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .ignoreExceptions()
                .until(() -> {
                    get(tables.runs().fence(run));
                    return true;
                });
        conditionalGoesOn();
        allAreThere();
    }

    /** Writes rows one after another and notes those that were acknowledged. Returns the longest time that one took. */
    private Duration writeMany(int rows) throws Exception {
        long longest = 0;
        for (int i = 0; i < rows; i++) {
            int seq = acknowledged.size();
            long begun = System.nanoTime();
            get(tables.fresh().insert(run, 1, new FreshRow(seq, ByteBuffer.allocate(10_000))));
            get(tables.runs().isFenced(run));
            longest = Math.max(longest, System.nanoTime() - begun);
            acknowledged.add(seq);
        }
        return Duration.ofNanos(longest);
    }

    private void allAreThere() throws Exception {
        Set<Integer> found = new HashSet<>();
        get(tables.fresh().rows(run, 1, -1, 10_000)).forEach(row -> found.add(row.seq()));
        assertThat(found).containsAll(acknowledged);
    }

    /** Beats until one is applied, as a run does, within the time in which others would declare it dead. */
    private void conditionalGoesOn() throws Exception {
        RunId life = new RunId("beats", System.nanoTime());
        long end = System.nanoTime() + BOUND.toNanos();
        while (true) {
            Conditional<?> outcome = get(tables.runs().begin(life));
            if (outcome.isApplied() || outcome.isRefused()) {
                break;
            }
            assertThat(System.nanoTime()).isLessThan(end);
        }
        long number = 1;
        for (int applied = 0; applied < 20; number++) {
            applied += get(tables.runs().beat(life, number)).isApplied() ? 1 : 0;
            assertThat(System.nanoTime()).isLessThan(end + BOUND.toNanos());
        }
    }

    private static void awaitAllUp() {
        org.awaitility.Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .until(() ->
                        engine.nodes().size() == 3 && engine.nodes().stream().allMatch(Engine.EngineNode::isUp));
    }

    private static long used() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(BOUND.toSeconds() * 2, TimeUnit.SECONDS);
    }
}
