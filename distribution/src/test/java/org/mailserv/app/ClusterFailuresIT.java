package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.store.cql.testing.CassandraCluster;

/** Two servers over three engine nodes, of which some are killed or hang. Whatever got 250 is in its mailbox afterwards. */
@Tag("cluster")
@DisplayName("Two servers over three engine nodes")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterFailuresIT {
    private static final String TEXT = "Subject: %s\n\nbody\n";
    private static final int SOME = 10;

    @TempDir
    static Path folder;

    private static CassandraCluster engine;
    private static ClusterNodes nodes;
    private static final List<String> acknowledged = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        engine = CassandraCluster.start(folder.resolve("engine"), CassandraCluster.Setup.of(3));
        nodes = new ClusterNodes(folder, engine.contactPoints(), 3, "");
        nodes.start("a");
        nodes.start("b");
    }

    @AfterAll
    static void stop() throws Exception {
        if (nodes != null) {
            nodes.close();
        }
        if (engine != null) {
            engine.close();
        }
    }

    /** Sends numbered mail by both servers; what they take has to be found later. */
    private static void send(String name) throws IOException {
        for (int i = 0; i < SOME; i++) {
            String subject = name + i + ".";
            int port = nodes.node(i % 2 == 0 ? "a" : "b").smtpPort();
            MailClient.send(port, "x@sample.org", TEXT.formatted(subject), "kim@sample.org");
            acknowledged.add(subject);
        }
    }

    @AfterEach
    void nothingIsLost() {
        await().atMost(ClusterNodes.atMost(120)).ignoreExceptions().untilAsserted(() -> {
            List<String> messages = MailClient.fetch(nodes.node("b").pop3Port(), "kim@sample.org", "secret");
            assertThat(acknowledged)
                    .allSatisfy(subject -> assertThat(messages)
                            .filteredOn(message -> message.contains("Subject: " + subject + "\n"))
                            .hasSize(1));
        });
    }

    @Test
    @Order(1)
    @DisplayName("an engine node is killed: no client sees an error")
    void engineNodeKilled() throws Exception {
        send("before");
        engine.node(2).kill();
        send("killed");
        engine.node(2).start();
        engine.node(2).awaitReady();
        send("back");
    }

    @Test
    @Order(2)
    @DisplayName("an engine node hangs: answers are slow and right")
    void engineNodeHangs() throws Exception {
        engine.node(1).pause();
        try {
            send("hanging");
        } finally {
            engine.node(1).resume();
        }
        send("resumed");
    }

    @Test
    @Order(3)
    @DisplayName("the quorum is lost: 4xx and -ERR in bounded time, and all goes on when it is back")
    void quorumLost() throws Exception {
        send("quorum");
        engine.node(1).pause();
        engine.node(2).pause();
        try {
            long begin = System.nanoTime();
            assertThat(refusal("a")).as("SMTP").contains("expected").containsPattern("got \"4[25]1 ");
            assertThat(refusalOfPop3("b")).as("POP3").contains("-ERR [SYS/TEMP]");
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(90));
        } finally {
            engine.node(1).resume();
            engine.node(2).resume();
        }
        await().atMost(ClusterNodes.atMost(60))
                .ignoreExceptions()
                .untilAsserted(() -> send("quorum-back" + System.nanoTime()));
    }

    private static String refusal(String node) {
        try {
            MailClient.send(nodes.node(node).smtpPort(), "x@sample.org", TEXT.formatted("lost"), "kim@sample.org");
            return "taken";
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static String refusalOfPop3(String node) {
        try (PopSession session = new PopSession(nodes.node(node).pop3Port(), "doug@sample.org")) {
            return "opened";
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
