package org.mailserv.server.cluster.table;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailserv.server.cluster.table.BodyTable.BodyHead;
import org.mailserv.server.cluster.table.FileTable.FileRow;
import org.mailserv.server.cluster.table.FreshTable.FreshRow;
import org.mailserv.server.cluster.table.HintTable.Hint;
import org.mailserv.server.cluster.table.LeaseTable.LeaseKey;
import org.mailserv.server.cluster.table.MailboxTable.DeletionPart;
import org.mailserv.server.cluster.table.MailboxTable.Folder;
import org.mailserv.server.cluster.table.MailboxTable.MailKey;
import org.mailserv.server.cluster.table.MailboxTable.MailRow;
import org.mailserv.server.cluster.table.QueueTable.QueueRow;
import org.mailserv.server.cluster.table.QueueTable.Stamp;
import org.mailserv.server.cluster.table.RunRow.State;
import org.mailserv.server.cluster.table.RunTable.Member;
import org.mailserv.server.cluster.table.ShardTable.ShardRow;
import org.mailserv.server.spool.QueueId;

/** The promises of {@link SharedTables}, for every implementation: that in memory, which the simulation uses, and those of engines. */
public abstract class SharedTablesContract {
    private static final Duration LIFE = Duration.ofMinutes(10);
    private static final Duration SHORT_LIFE = Duration.ofSeconds(2);

    // Tests may share tables: keys of their own keep them apart.
    private final String unique = "-" + QueueId.random();
    private final RunId a1 = new RunId("a" + unique, 1);
    private final RunId b7 = new RunId("b/x" + unique, 7);
    private final String doug = "doug" + unique + "@sample.org";
    private final int base = ThreadLocalRandom.current().nextInt(1_000_000) * 10;

    /** Returns tables, which may contain the rows of other tests. */
    protected abstract SharedTables tables();

    /** Advances the clock of tables that have one for tests. Those of an engine need nothing, because the tests wait for what expires. */
    protected void pass(Duration time) {
        // Real time passes by itself.
    }

    @Test
    @DisplayName("A run begins once, beats while it is alive, and is declared dead by the beat that was seen")
    void runsGoForward() {
        RunTable runs = tables().runs();
        assertThat(get(runs.begin(a1)).isApplied()).isTrue();
        assertThat(get(runs.begin(a1)).current()).isEqualTo(new RunRow(a1, 0, State.ALIVE, null));
        assertThat(get(runs.beat(a1, 5)).isApplied()).isTrue();
        assertThat(get(runs.declareDead(a1, 4, b7)))
                .isEqualTo(Conditional.refused(new RunRow(a1, 5, State.ALIVE, null)));
        assertThat(get(runs.replaceTaker(a1, b7, b7)).isRefused()).isTrue();
        assertThat(get(runs.declareDead(a1, 5, b7)).isApplied()).isTrue();
        assertThat(get(runs.beat(a1, 6))).isEqualTo(Conditional.refused(new RunRow(a1, 5, State.DEAD, b7)));
        assertThat(get(runs.leave(a1)).isRefused()).isTrue();
        RunId next = new RunId("c", 2);
        assertThat(get(runs.replaceTaker(a1, next, next)).isRefused()).isTrue();
        assertThat(get(runs.replaceTaker(a1, b7, next)).isApplied()).isTrue();
        assertThat(get(runs.finish(a1, b7)).isRefused()).isTrue();
        assertThat(get(runs.forget(a1)).isRefused()).isTrue();
        assertThat(get(runs.finish(a1, next)).isApplied()).isTrue();
        assertThat(get(runs.runs(a1.node()))).containsExactly(new RunRow(a1, 5, State.GONE, next));
        assertThat(get(runs.forget(a1)).isApplied()).isTrue();
        assertThat(get(runs.runs(a1.node()))).isEmpty();
    }

    @Test
    @DisplayName("A run that was alive leaves, and a missing run refuses without a row")
    void runsLeave() {
        RunTable runs = tables().runs();
        assertThat(get(runs.beat(a1, 1))).isEqualTo(Conditional.refused(null));
        assertThat(get(runs.declareDead(a1, 0, b7))).isEqualTo(Conditional.refused(null));
        assertThat(get(runs.begin(a1)).isApplied()).isTrue();
        assertThat(get(runs.begin(new RunId(a1.node(), 2))).isApplied()).isTrue();
        assertThat(get(runs.leave(a1)).isApplied()).isTrue();
        assertThat(get(runs.leave(a1))).isEqualTo(Conditional.refused(new RunRow(a1, 0, State.GONE, null)));
        assertThat(get(runs.runs(a1.node()))).hasSize(2);
        assertThat(get(runs.forget(a1)).isApplied()).isTrue();
    }

    @Test
    @DisplayName(
            "A member that joins with a higher number counts against a former departure, and not the other way round")
    void membersAreOrderedByRun() {
        String cluster = "m" + unique;
        RunTable runs = tables().runs();
        get(runs.join(cluster, new Member("a", "a:8025"), 1));
        get(runs.join(cluster, new Member("b", ""), 4));
        get(runs.part(cluster, "a", 1));
        assertThat(get(runs.members(cluster))).containsExactly(new Member("b", ""));
        get(runs.join(cluster, new Member("a", "a:1"), 1));
        assertThat(get(runs.members(cluster))).containsExactly(new Member("b", ""));
        get(runs.join(cluster, new Member("a", "a:2"), 2));
        get(runs.part(cluster, "a", 1));
        assertThat(get(runs.members(cluster))).containsExactlyInAnyOrder(new Member("b", ""), new Member("a", "a:2"));
        assertThat(get(runs.members("other" + unique))).isEmpty();
    }

    @Test
    @DisplayName("A fence stays")
    void fenceStays() {
        RunTable runs = tables().runs();
        assertThat(get(runs.isFenced(a1))).isFalse();
        get(runs.fence(a1));
        get(runs.fence(a1));
        assertThat(get(runs.isFenced(a1))).isTrue();
        assertThat(get(runs.isFenced(b7))).isFalse();
    }

    @Test
    @DisplayName("The epoch of a shard grows with each owner, and a former owner is refused")
    void shardsHaveEpochs() {
        ShardTable shards = tables().shards();
        int nine = base + 9;
        assertThat(get(shards.shard(nine))).isEmpty();
        assertThat(get(shards.take(nine, a1, 3))).isEqualTo(Conditional.refused(null));
        assertThat(get(shards.take(nine, a1, 0)).isApplied()).isTrue();
        assertThat(get(shards.take(nine, b7, 0))).isEqualTo(Conditional.refused(new ShardRow(nine, a1, 1)));
        assertThat(get(shards.take(nine, b7, 1)).isApplied()).isTrue();
        assertThat(get(shards.release(nine, a1, 1))).isEqualTo(Conditional.refused(new ShardRow(nine, b7, 2)));
        assertThat(get(shards.release(nine, b7, 2)).isApplied()).isTrue();
        assertThat(get(shards.shard(nine))).containsExactly(new ShardRow(nine, null, 2));
        assertThat(get(shards.take(nine, a1, 1))).isEqualTo(Conditional.refused(new ShardRow(nine, null, 2)));
        assertThat(get(shards.take(nine, a1, 2)).isApplied()).isTrue();
        assertThat(get(shards.take(base + 3, a1, 0)).isApplied()).isTrue();
        assertThat(get(shards.shards())).contains(new ShardRow(nine, a1, 3), new ShardRow(base + 3, a1, 1));
    }

    @Test
    @DisplayName("A right has one holder, who prolongs and releases it, and it ends by itself")
    void leasesEnd() throws Exception {
        for (LeaseTable table : List.of(tables().maildropLocks(), tables().seats())) {
            LeaseKey key = new LeaseKey("doug@sample.org" + unique, 0);
            assertThat(get(table.renew(key, "x", LIFE))).isEqualTo(Conditional.refused(null));
            assertThat(get(table.acquire(key, "x", SHORT_LIFE)).isApplied()).isTrue();
            assertThat(get(table.acquire(key, "y", LIFE))).isEqualTo(Conditional.refused("x"));
            assertThat(get(table.acquire(new LeaseKey(key.resource(), 1), "y", LIFE))
                            .isApplied())
                    .isTrue();
            assertThat(get(table.holders(key.resource()))).isEqualTo(Map.of(0, "x", 1, "y"));
            assertThat(get(table.renew(key, "y", LIFE))).isEqualTo(Conditional.refused("x"));
            assertThat(get(table.release(key, "y"))).isEqualTo(Conditional.refused("x"));
            pass(SHORT_LIFE);
            await().until(() -> get(table.holders(key.resource())).equals(Map.of(1, "y")));
            assertThat(get(table.acquire(key, "z", SHORT_LIFE)).isApplied()).isTrue();
            assertThat(get(table.renew(key, "z", LIFE)).isApplied()).isTrue();
            // Taken later for as long: when it is over, the first life of the renewed lease is over too.
            LeaseKey witness = new LeaseKey(key.resource(), 2);
            assertThat(get(table.acquire(witness, "w", SHORT_LIFE)).isApplied()).isTrue();
            pass(SHORT_LIFE);
            await().until(() -> get(table.holders(key.resource())).equals(Map.of(0, "z", 1, "y")));
            assertThat(get(table.acquire(key, "x", LIFE))).isEqualTo(Conditional.refused("z"));
            assertThat(get(table.release(key, "z")).isApplied()).isTrue();
            assertThat(get(table.release(key, "z"))).isEqualTo(Conditional.refused(null));
            assertThat(get(table.acquire(key, "x", LIFE)).isApplied()).isTrue();
        }
    }

    @Test
    @DisplayName("A file changes from version to version, and a refusal names the current one")
    void filesHaveVersions() {
        FileTable files = tables().files();
        String users = "users" + unique;
        String key = "tls/key.pem" + unique;
        assertThat(get(files.read(users))).isEmpty();
        FileRow first = new FileRow(users, 1, octets("one"), false);
        assertThat(get(files.write(new FileRow(users, 2, octets("two"), false))))
                .isEqualTo(Conditional.refused(null));
        assertThat(get(files.write(first)).isApplied()).isTrue();
        assertThat(get(files.write(first))).isEqualTo(Conditional.refused(first));
        FileRow gone = new FileRow(users, 2, octets(""), true);
        assertThat(get(files.write(gone)).isApplied()).isTrue();
        assertThat(get(files.write(new FileRow(users, 2, octets("late"), false))))
                .isEqualTo(Conditional.refused(gone));
        assertThat(get(files.write(new FileRow(key, 1, octets("k"), false))).isApplied())
                .isTrue();
        assertThat(get(files.read(users))).containsExactly(gone);
        assertThat(get(files.versions())).containsAllEntriesOf(Map.of(users, 2L, key, 1L));
    }

    @Test
    @DisplayName("Rows of a segment come in order and in parts, and do not come back after their deletion")
    void freshRowsStayDeleted() {
        FreshTable fresh = tables().fresh();
        get(fresh.insertSegment(a1, 2));
        get(fresh.insertSegment(a1, 1));
        assertThat(get(fresh.segments(a1))).containsExactly(1, 2);
        for (int i = 19; i >= 0; i--) {
            get(fresh.insert(a1, 1, new FreshRow(i, octets("row " + i))));
        }
        get(fresh.insert(a1, 2, new FreshRow(0, octets("other"))));
        assertThat(get(fresh.rows(a1, 1, -1, 100)).stream().map(FreshRow::seq))
                .hasSize(20)
                .isSorted();
        assertThat(get(fresh.rows(a1, 1, 3, 2)))
                .containsExactly(new FreshRow(4, octets("row 4")), new FreshRow(5, octets("row 5")));
        get(fresh.deleteRows(a1, 1));
        get(fresh.deleteSegment(a1, 1));
        get(fresh.insert(a1, 1, new FreshRow(7, octets("late"))));
        get(fresh.insertSegment(a1, 1));
        assertThat(get(fresh.rows(a1, 1, -1, 100))).isEmpty();
        assertThat(get(fresh.segments(a1))).containsExactly(2);
        assertThat(get(fresh.rows(a1, 2, -1, 100))).hasSize(1);
    }

    @Test
    @DisplayName("The name of an upload is there until it is deleted")
    void uploadsAreNamed() {
        FreshTable fresh = tables().fresh();
        QueueId one = QueueId.random();
        QueueId two = QueueId.random();
        get(fresh.insertUpload(a1, one));
        get(fresh.insertUpload(a1, two));
        get(fresh.deleteUpload(a1, one));
        get(fresh.insertUpload(a1, one));
        assertThat(get(fresh.uploads(a1))).containsExactly(two);
        assertThat(get(fresh.uploads(b7))).isEmpty();
    }

    @Test
    @DisplayName("A body exists from its commit to its deletion, and its references are separate from it")
    void bodiesAreCommitted() {
        BodyTable bodies = tables().bodies();
        QueueId id = QueueId.random();
        get(bodies.insertPart(id, 1, octets("second")));
        assertThat(get(bodies.head(id))).isEmpty();
        BodyHead head = new BodyHead(11, octets("Return-Path: <>\r\n"));
        get(bodies.commit(id, head, octets("first"), List.of("m/doug", "q/1")));
        assertThat(get(bodies.head(id))).containsExactly(head);
        assertThat(get(bodies.part(id, 0))).containsExactly(octets("first"));
        assertThat(get(bodies.part(id, 1))).containsExactly(octets("second"));
        assertThat(get(bodies.part(id, 2))).isEmpty();
        get(bodies.addRefs(id, List.of("q/2")));
        get(bodies.deleteRefs(id, List.of("q/1", "m/doug")));
        get(bodies.addRefs(id, List.of("q/1")));
        assertThat(get(bodies.refs(id))).containsExactly("q/2");
        get(bodies.delete(id));
        get(bodies.commit(id, head, octets("first"), List.of("q/3")));
        assertThat(get(bodies.head(id))).isEmpty();
        assertThat(get(bodies.part(id, 0))).isEmpty();
        assertThat(get(bodies.refs(id))).containsExactlyInAnyOrder("q/2", "q/3");
    }

    @Test
    @DisplayName("A body without parts has a head, and a part has the octets that were given, whatever they are")
    void bodiesHaveAnyOctets() {
        BodyTable bodies = tables().bodies();
        QueueId empty = QueueId.random();
        get(bodies.commit(empty, new BodyHead(0, octets("")), null, List.of("q")));
        assertThat(get(bodies.head(empty))).containsExactly(new BodyHead(0, octets("")));
        QueueId id = QueueId.random();
        ByteBuffer full = ByteBuffer.allocateDirect(BodyTable.PART + 10);
        for (int i = 0; i < full.capacity(); i++) {
            full.put((byte) i);
        }
        ByteBuffer slice = full.flip().position(7).limit(7 + BodyTable.PART);
        get(bodies.insertPart(id, 0, slice));
        assertThat(slice.remaining()).as("left as it was").isEqualTo(BodyTable.PART);
        assertThat(get(bodies.part(id, 0))).containsExactly(slice);
    }

    @Test
    @DisplayName("A folder is read in the order of arrival and in parts, and a deletion takes all of its messages")
    void foldersAreInOrder() {
        MailboxTable mailboxes = tables().mailboxes();
        Folder inbox = new Folder(doug, "");
        Folder junk = new Folder(doug, "Junk");
        List<MailRow> rows = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            // Three at a time, which their ids put in order.
            MailRow row = new MailRow(
                    new MailKey(1_000 + i / 3, QueueId.random()),
                    100 + i,
                    QueueId.random(),
                    i % 2 == 0 ? null : "uid-" + i);
            rows.add(row);
            get(mailboxes.insert(inbox, row));
        }
        get(mailboxes.insert(junk, new MailRow(new MailKey(1, QueueId.random()), 1, QueueId.random(), null)));
        rows.sort((a, b) -> a.key().compareTo(b.key()));
        assertThat(get(mailboxes.rows(inbox, null, 100))).isEqualTo(rows);
        assertThat(get(mailboxes.rows(inbox, null, 7))).isEqualTo(rows.subList(0, 7));
        assertThat(get(mailboxes.rows(inbox, rows.get(6).key(), 7))).isEqualTo(rows.subList(7, 14));
        assertThat(get(mailboxes.rows(inbox, rows.get(29).key(), 7))).isEmpty();
        assertThat(get(mailboxes.usage(inbox)))
                .isEqualTo(new MailboxTable.Usage(
                        rows.stream().mapToLong(MailRow::octets).sum(), 30));
        assertThat(get(mailboxes.usage(new Folder("nobody@sample.org", "")))).isEqualTo(new MailboxTable.Usage(0, 0));
        get(mailboxes.delete(
                inbox, rows.subList(0, 28).stream().map(MailRow::key).toList()));
        get(mailboxes.insert(inbox, rows.get(0)));
        assertThat(get(mailboxes.rows(inbox, null, 100))).isEqualTo(rows.subList(28, 30));
        assertThat(get(mailboxes.usage(junk)).messages()).isEqualTo(1);
    }

    @Test
    @DisplayName("A list of deletions keeps its parts until it is deleted")
    void deletionsAreLists() {
        MailboxTable mailboxes = tables().mailboxes();
        QueueId one = QueueId.random();
        QueueId two = QueueId.random();
        get(mailboxes.insertDeletion(doug, new DeletionPart(one, 0, octets("a"))));
        get(mailboxes.insertDeletion(doug, new DeletionPart(one, 1, octets("b"))));
        get(mailboxes.insertDeletion(doug, new DeletionPart(two, 0, octets("c"))));
        assertThat(get(mailboxes.deletions(doug))).hasSize(3);
        get(mailboxes.deleteDeletion(doug, one));
        get(mailboxes.insertDeletion(doug, new DeletionPart(one, 1, octets("b"))));
        assertThat(get(mailboxes.deletions(doug))).containsExactly(new DeletionPart(two, 0, octets("c")));
    }

    @Test
    @DisplayName("Of all states of a queued message the latest owner's last one counts, in whatever order they arrive")
    void statesAreOrderedByOwner() {
        QueueTable queue = tables().queue();
        QueueId id = QueueId.random();
        QueueId body = QueueId.random();
        get(queue.insert(base + 3, new QueueRow(id, octets("envelope"), body, 77, octets("new"))));
        get(queue.state(base + 3, id, octets("2/1"), new Stamp(2, 1)));
        get(queue.state(base + 3, id, octets("2/0"), new Stamp(2, 0)));
        get(queue.state(base + 3, id, octets("1/9"), new Stamp(1, 9)));
        get(queue.insert(base + 3, new QueueRow(id, octets("envelope"), body, 77, octets("new"))));
        QueueRow expected = new QueueRow(id, octets("envelope"), body, 77, octets("2/1"));
        assertThat(get(queue.row(base + 3, id))).containsExactly(expected);
        assertThat(get(queue.row(base + 4, id))).isEmpty();
    }

    @Test
    @DisplayName("A queued message stays deleted for former owners, and a later state leaves a row without an envelope")
    void queuedMessagesStayDeleted() {
        QueueTable queue = tables().queue();
        QueueId id = QueueId.random();
        QueueRow row = new QueueRow(id, octets("envelope"), QueueId.random(), 77, null);
        get(queue.insert(base + 3, row));
        assertThat(get(queue.row(base + 3, id))).containsExactly(row);
        get(queue.delete(base + 3, id, new Stamp(2, 5)));
        get(queue.insert(base + 3, row));
        get(queue.state(base + 3, id, octets("former"), new Stamp(1, 900)));
        assertThat(get(queue.row(base + 3, id))).isEmpty();
        get(queue.state(base + 3, id, octets("late"), new Stamp(2, 6)));
        assertThat(get(queue.rows(base + 3, null, 10)))
                .containsExactly(new QueueRow(id, null, null, 0, octets("late")));
        get(queue.delete(base + 3, id, new Stamp(3, 0)));
        assertThat(get(queue.rows(base + 3, null, 10))).isEmpty();
    }

    @Test
    @DisplayName("A shard is read in parts, each row once")
    void shardsAreReadInParts() {
        QueueTable queue = tables().queue();
        List<QueueId> ids = new ArrayList<>();
        for (int i = 0; i < 250; i++) {
            QueueId id = QueueId.random();
            ids.add(id);
            get(queue.insert(base + 5, new QueueRow(id, octets("e" + i), QueueId.random(), i, null)));
        }
        List<QueueId> read = new ArrayList<>();
        List<QueueRow> part = get(queue.rows(base + 5, null, 120));
        while (!part.isEmpty()) {
            assertThat(part.size()).isLessThanOrEqualTo(120);
            part.forEach(row -> read.add(row.id()));
            part = get(queue.rows(base + 5, read.get(read.size() - 1), 120));
        }
        assertThat(read).containsExactlyInAnyOrderElementsOf(ids);
        get(queue.noteMoved(base + 5, 17, ids.get(0)));
        get(queue.noteMoved(base + 5, 17, ids.get(1)));
        assertThat(get(queue.moved(base + 5, 17))).containsExactlyInAnyOrder(ids.get(0), ids.get(1));
        assertThat(get(queue.moved(base + 5, 18))).isEmpty();
    }

    @Test
    @DisplayName("The last write of a hint counts, until it expires")
    void hintsExpire() throws Exception {
        HintTable hints = tables().hints();
        String key = "key" + unique;
        for (Hint hint : Hint.values()) {
            get(hints.put(hint, key, "a", "1", SHORT_LIFE));
            get(hints.put(hint, key, "b", "1", LIFE));
            get(hints.put(hint, key, "b", "2", LIFE));
            assertThat(get(hints.read(hint, "other" + unique))).isEmpty();
        }
        pass(SHORT_LIFE);
        for (Hint hint : Hint.values()) {
            await().untilAsserted(() -> assertThat(get(hints.read(hint, key))).isEqualTo(Map.of("b", "2")));
        }
    }

    protected static ByteBuffer octets(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    protected static <T> T get(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
