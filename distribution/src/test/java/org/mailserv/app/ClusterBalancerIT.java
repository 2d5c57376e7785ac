package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.store.cql.testing.OneCassandra;
import org.mailserv.server.testing.ForeignPrograms;

/** Two servers over one Apache Cassandra behind HAProxy, with the configuration of the stack "cluster". */
@Tag("cluster")
@ExtendWith(OneCassandra.class)
@DisplayName("Two servers behind HAProxy")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterBalancerIT {
    private static final String CLIENT = "127.0.0.9";
    private static final int SOME = 10;

    @TempDir
    static Path folder;

    private static final List<String> acknowledged = new ArrayList<>();
    private static ClusterNodes nodes;
    private static StackProgram balancer;
    private static int smtp;
    private static int pop3;

    @BeforeAll
    static void start() throws Exception {
        ForeignPrograms.assumeAble("HAProxy", "HAProxy version", "haproxy", "-v");
        nodes = new ClusterNodes(folder, OneCassandra.config().contactPoints(), 1, """
                listeners = [
                  { kind = smtp, address = "127.0.0.1", port = 0, proxy-from = ["127.0.0.0/8"] }
                  { kind = pop3, address = "127.0.0.1", port = 0, proxy-from = ["127.0.0.0/8"] }
                ]
                http { enabled = true, port = 0 }
                """);
        nodes.start("a");
        nodes.start("b");
        startBalancer();
    }

    /** Starts HAProxy in front of the ports that the servers have now. */
    private static void startBalancer() throws IOException {
        smtp = StackProgram.freePort();
        pop3 = StackProgram.freePort();
        Path config = StackProgram.configuration(
                "cluster/haproxy.cfg",
                folder,
                List.of(
                        Map.entry("resolvers docker\n  nameserver dns 127.0.0.11:53", ""),
                        Map.entry(" resolvers docker", ""),
                        Map.entry("(?s)listen submission\n.*?listen pop3\n", "listen pop3\n"),
                        Map.entry("(?s)listen pop3s\n.*", ""),
                        Map.entry("bind :25\n", "bind 127.0.0.1:" + smtp + "\n"),
                        Map.entry("bind :110\n", "bind 127.0.0.1:" + pop3 + "\n"),
                        Map.entry("mailserv1:25 send-proxy-v2", at("a", "smtp")),
                        Map.entry("mailserv2:25 send-proxy-v2", at("b", "smtp")),
                        Map.entry("mailserv1:110 send-proxy-v2", at("a", "pop3")),
                        Map.entry("mailserv2:110 send-proxy-v2", at("b", "pop3"))));
        balancer = StackProgram.start(folder, smtp, List.of("haproxy", "-db", "-f", config.toString()));
    }

    private static String at(String node, String kind) {
        ServerProcess server = nodes.node(node);
        return "127.0.0.1:" + server.port(kind) + " send-proxy-v2 port " + server.port("http");
    }

    @AfterAll
    static void stop() throws Exception {
        if (balancer != null) {
            balancer.close();
        }
        if (nodes != null) {
            nodes.close();
        }
    }

    private static void send(String name) throws IOException {
        for (int i = 0; i < SOME; i++) {
            String subject = name + i + ".";
            MailClient.sendFrom(CLIENT, smtp, "x@sample.org", "Subject: " + subject + "\n\nbody\n", "kim@sample.org");
            acknowledged.add(subject);
        }
    }

    private static void assertAllThere() throws IOException {
        String mail = String.join("", MailClient.fetch(pop3, "kim@sample.org", "secret"));
        assertThat(acknowledged).allSatisfy(subject -> assertThat(mail).contains("Subject: " + subject + "\n"));
    }

    private static long taken(String node) {
        return nodes.node(node)
                .output()
                .lines()
                .filter(line -> line.contains("event=message-accepted") && line.contains("peer=" + CLIENT + " "))
                .count();
    }

    @Test
    @Order(1)
    @DisplayName("both take mail, know the client's address, and serve what the other has taken")
    void bothWork() throws Exception {
        await().atMost(ClusterNodes.atMost(60)).ignoreExceptions().untilAsserted(() -> {
            send("both");
            assertThat(taken("a")).isPositive();
            assertThat(taken("b")).isPositive();
        });
        assertAllThere();
    }

    @Test
    @Order(2)
    @DisplayName("kill -9 of a server: the other one takes all connections, and nothing acknowledged is missing")
    void killed() throws Exception {
        nodes.kill("b");
        send("killed");
        assertAllThere();
    }

    @Test
    @Order(3)
    @DisplayName("a drained server gets no new connections, and nothing fails")
    void drained() throws Exception {
        nodes.start("b");
        balancer.close();
        startBalancer();
        ServerProcess.Result drained = ServerProcess.run(nodes.place("a"), "", "cluster", "drain", "a");
        assertThat(drained.code()).as(drained.output()).isZero();
        await().atMost(ClusterNodes.atMost(30))
                .until(() -> balancer.output().contains("Server smtp/mailserv1 is DOWN"));
        long before = taken("a");
        send("drained");
        assertThat(taken("a")).isEqualTo(before);
        assertAllThere();
    }
}
