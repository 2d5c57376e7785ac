package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.store.cql.testing.OneCassandra;

/** Two servers over one Apache Cassandra, all of them processes: the first rows of the failure matrix in docs/cluster.md. */
@Tag("cluster")
@ExtendWith(OneCassandra.class)
@DisplayName("Two servers over one Cassandra")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterIT {
    private static final String TEXT = "Subject: %s\n\nbody\n";
    private static final int MANY = 20;

    @TempDir
    static Path folder;

    private static ClusterNodes nodes;
    private static SmtpSink sink;

    @BeforeAll
    static void start() throws Exception {
        sink = new SmtpSink("127.0.0.2");
        nodes = new ClusterNodes(folder, OneCassandra.config().contactPoints(), 1, """
                relay.routes { "far.test" { host = "127.0.0.2", port = %d } }
                relay.retry.schedule = [2s]
                """.formatted(sink.port()));
    }

    @AfterAll
    static void stop() throws Exception {
        nodes.close();
        sink.close();
    }

    @BeforeEach
    void bothRun() throws IOException {
        for (String name : List.of("a", "b")) {
            if (nodes.node(name) == null) {
                nodes.start(name);
            }
        }
        sink.hang(false);
        sink.refuse("");
        // A connection of an earlier test, which its server keeps for a while, would be the only one.
        await().atMost(ClusterNodes.atMost(60)).until(() -> sink.open() == 0);
    }

    private static void send(String node, String subject, String... recipients) throws IOException {
        MailClient.send(nodes.node(node).smtpPort(), "x@sample.org", TEXT.formatted(subject), recipients);
    }

    private static List<String> fetch(String node, String user) throws IOException {
        return MailClient.fetch(nodes.node(node).pop3Port(), user + "@sample.org", "secret");
    }

    private static List<String> subjects(String prefix) {
        return IntStream.range(0, MANY).mapToObj(i -> prefix + i + ".").toList();
    }

    private static void awaitSent(List<String> subjects, int seconds) {
        await().atMost(ClusterNodes.atMost(seconds))
                .untilAsserted(() -> assertThat(subjects).allMatch(subject -> sink.count(subject) > 0));
    }

    @Test
    @Order(1)
    @DisplayName("mail taken by one is fetched from the other at once, small and large, and deleted for both")
    void mailboxesAreShared() throws Exception {
        send("a", "small", "kim@sample.org", "doug@sample.org");
        MailClient.send(
                nodes.node("a").smtpPort(),
                "x@sample.org",
                TEXT.formatted("large") + ("x".repeat(70) + "\n").repeat(20_000),
                "kim@sample.org");
        List<String> kim = fetch("b", "kim");
        assertThat(kim).hasSize(2);
        assertThat(kim.get(0)).startsWith("Return-Path: <x@sample.org>\n").contains("Subject: small\n");
        assertThat(kim.get(1)).contains("Subject: large\n").hasSizeGreaterThan(71 * 20_000);
        assertThat(fetch("b", "doug")).hasSize(1);
        try (PopSession session = new PopSession(nodes.node("b").pop3Port(), "kim@sample.org")) {
            assertThatThrownBy(() -> new PopSession(nodes.node("a").pop3Port(), "kim@sample.org"))
                    .hasMessageContaining("[IN-USE]");
            session.delete(1);
            session.quit();
        }
        await().atMost(ClusterNodes.atMost(10))
                .untilAsserted(() -> assertThat(fetch("a", "kim")).hasSize(1));
    }

    @Test
    @Order(2)
    @DisplayName("mail for elsewhere is sent once, and the limit of one connection holds for both")
    void relayed() throws Exception {
        List<String> subjects = subjects("relayed");
        for (int i = 0; i < MANY; i++) {
            send(i % 2 == 0 ? "a" : "b", subjects.get(i), "ann@far.test");
        }
        awaitSent(subjects, 60);
        assertThat(subjects).allMatch(subject -> sink.count(subject) == 1);
        assertThat(sink.mostOpen()).isEqualTo(1);
    }

    @Test
    @Order(3)
    @DisplayName("kill -9 of a server with queued mail: the other sends all of it within ten seconds")
    void killedWithMail() throws Exception {
        List<String> subjects = subjects("killed");
        sink.hang(true);
        for (String subject : subjects) {
            send("a", subject, "ann@far.test");
        }
        nodes.kill("a");
        long killed = System.nanoTime();
        sink.hang(false);
        awaitSent(subjects, 30);
        Duration after = Duration.ofNanos(System.nanoTime() - killed);
        System.out.println("sent by the other after " + after.toMillis() + " ms");
        assertThat(after).isLessThan(ClusterNodes.atMost(10));
        assertThat(sink.mostOpen()).isEqualTo(1);
    }

    @Test
    @Order(4)
    @DisplayName("a refused recipient is bounced to the sender's mailbox, whichever node has the message")
    void bounced() throws Exception {
        sink.refuse("550 5.1.1 no such user");
        send("a", "refused", "nobody@far.test");
        MailClient.send(nodes.node("b").smtpPort(), "crowd@sample.org", TEXT.formatted("refused"), "nobody@far.test");
        await().atMost(ClusterNodes.atMost(60))
                .untilAsserted(() -> assertThat(fetch("a", "crowd"))
                        .hasSize(1)
                        .allMatch(text -> text.contains("550 5.1.1 no such user")));
    }

    @Test
    @Order(5)
    @DisplayName("queue commands on one server find, show and change what the other has, and trace tells its story")
    void queueOfTheCluster() throws Exception {
        await().atMost(ClusterNodes.atMost(60))
                .untilAsserted(() -> assertThat(command("b", "queue", "list")).contains("0 messages"));
        sink.refuse("450 4.2.0 later");
        send("a", "by-a", "ann@far.test");
        send("b", "by-b", "ann@far.test");
        await().atMost(ClusterNodes.atMost(30))
                .untilAsserted(() -> assertThat(command("b", "queue", "list")).contains("2 messages"));
        List<String> ids = command("b", "queue", "list", "--json")
                .lines()
                .map(line -> line.replaceAll(".*\"id\":\"([^\"]+)\".*", "$1"))
                .toList();
        assertThat(command("b", "queue", "list", "--json"))
                .contains("\"node\":\"a\"")
                .contains("\"node\":\"b\"");
        for (String id : ids) {
            assertThat(command("b", "queue", "show", id)).contains(id).containsPattern(", with [ab]");
            assertThat(command("a", "queue", "hold", id, "--reason", "test")).contains("1 message put on hold");
            assertThat(command("b", "queue", "show", id)).contains("held since");
            assertThat(command("b", "queue", "release", id)).contains("1 message released");
            assertThat(command("b", "trace", id))
                    .contains("event=message-accepted")
                    .contains("event=queue-hold");
        }
        assertThat(command("b", "queue", "summary")).containsPattern("far.test\\s+2");
        assertThat(command("b", "queue", "hold", "--domain", "far.test")).contains("2 messages put on hold");
        sink.refuse("");
        assertThat(command("a", "queue", "retry", "--all")).contains("2 messages on hold left alone");
        assertThat(command("b", "queue", "release", ids.get(0))).contains("1 message released");
        await().atMost(ClusterNodes.atMost(30)).until(() -> sink.count("by-a") + sink.count("by-b") == 1);
        assertThat(command("a", "queue", "remove", ids.get(1))).contains("1 recipient of 1 message removed");
        await().atMost(ClusterNodes.atMost(30))
                .untilAsserted(() -> assertThat(command("b", "queue", "list")).contains("0 messages"));
        assertThat(sink.count("by-a") + sink.count("by-b")).isEqualTo(1);
    }

    /** Runs a command on the machine of a node. */
    private static String command(String node, String... arguments) throws Exception {
        ServerProcess.Result result = ServerProcess.run(nodes.place(node), "", arguments);
        return result.output();
    }

    @Test
    @Order(6)
    @DisplayName("deferred mail is sent again by one of them, also after its node has stopped")
    void deferred() throws Exception {
        sink.refuse("450 4.2.0 later");
        List<String> subjects = subjects("deferred");
        for (String subject : subjects) {
            send("a", subject, "ann@far.test");
        }
        nodes.node("a").terminate();
        nodes.node("a").awaitExit();
        nodes.forget("a");
        sink.refuse("");
        awaitSent(subjects, 60);
        assertThat(subjects).allMatch(subject -> sink.count(subject) == 1);
    }

    @Test
    @Order(7)
    @DisplayName("a server that is paused for a minute loses nothing, and takes no mail in its former name")
    void pausedForAMinute() throws Exception {
        List<String> subjects = subjects("paused");
        sink.hang(true);
        for (String subject : subjects) {
            send("a", subject, "ann@far.test");
        }
        PopSession session = new PopSession(nodes.node("a").pop3Port(), "doug@sample.org");
        nodes.signal("a", "STOP");
        long paused = System.nanoTime();
        try {
            await().atMost(Duration.ofSeconds(90))
                    .pollInterval(Duration.ofSeconds(1))
                    .until(() ->
                            System.nanoTime() - paused > Duration.ofSeconds(60).toNanos());
            assertThat(nodes.node("b").output()).contains("event=cluster-takeover-done");
        } finally {
            nodes.signal("a", "CONT");
        }
        sink.hang(false);
        awaitSent(subjects, 90);
        await().atMost(ClusterNodes.atMost(60)).until(() -> nodes.node("a").says("event=cluster-run-ended"));
        // One was in progress on the only connection. Of the others, the former owner has sent none.
        assertThat(subjects).filteredOn(subject -> sink.count(subject) > 1).hasSizeLessThan(2);
        // The lock lives for 90 seconds. Then the mailbox can be opened again.
        session.close();
        await().atMost(ClusterNodes.atMost(120)).ignoreExceptions().until(() -> fetch("b", "doug") != null);
        await().atMost(ClusterNodes.atMost(60))
                .ignoreExceptions()
                .untilAsserted(() -> send("a", "again", "doug@sample.org"));
        assertThat(fetch("b", "doug")).anyMatch(text -> text.contains("Subject: again\n"));
    }
}
