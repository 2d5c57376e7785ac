package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.store.cql.testing.OneCassandra;

/** A server whose mail moves from files to Apache Cassandra and back. */
@Tag("cluster")
@ExtendWith(OneCassandra.class)
@DisplayName("Mail moves from files to Cassandra and back")
class StoreCopyIT {
    private static final String TEXT = "Subject: %s\n\nbody\n..\n";
    private static final String KEYSPACE =
            "copy_" + UUID.randomUUID().toString().replace("-", "").substring(0, 16);

    @TempDir
    static Path folder;

    private static SmtpSink sink;

    @BeforeAll
    static void openSink() throws IOException {
        sink = new SmtpSink("127.0.0.2");
    }

    @AfterAll
    static void closeSink() throws IOException {
        sink.close();
    }

    private static String config(String kind) {
        return """
                hostname = "a.test"
                data-dir = "data"
                users-file = "users"
                domains { "sample.org" { mailboxes {
                  kim { password = "{PLAIN}secret" }
                  doug { password = "{PLAIN}secret" }
                } } }
                listeners = [
                  { kind = smtp, address = "127.0.0.1", port = 0 }
                  { kind = pop3, address = "127.0.0.1", port = 0 }
                ]
                pop3.plaintext-networks = ["127.0.0.0/8"]
                relay-networks = ["127.0.0.0/8"]
                relay.routes { "far.test" { host = "127.0.0.2", port = %d } }
                relay.retry.schedule = [2s]
                cluster.node-name = a
                store { kind = %s, cassandra {
                  contact-points = ["%s"], keyspace = %s, replication-factor = 1
                } }
                """.formatted(
                        sink.port(), kind, OneCassandra.config().contactPoints().get(0), KEYSPACE);
    }

    private static void send(ServerProcess server, String subject, String recipient) throws IOException {
        MailClient.send(server.smtpPort(), "x@sample.org", TEXT.formatted(subject), recipient);
    }

    /** Returns the unique ids and the texts of a mailbox. */
    private static List<String> mail(ServerProcess server, String user) throws IOException {
        List<String> mail = new ArrayList<>();
        try (PopSession session = new PopSession(server.pop3Port(), user + "@sample.org")) {
            for (String line : session.lines("UIDL")) {
                mail.add(line + " " + session.lines("RETR " + line.split(" ")[0]));
            }
            session.quit();
        }
        return mail;
    }

    private static String copy(String from, String to) throws Exception {
        ServerProcess.Result result = ServerProcess.run(folder, "", "store", "copy", from, to);
        assertThat(result.code()).as(result.output()).isZero();
        return result.output();
    }

    private static void stop(ServerProcess server) throws Exception {
        server.terminate();
        server.awaitExit();
    }

    @Test
    @DisplayName(
            "there and back: messages, their order and unique ids stay, queued mail is sent once, nothing is twice")
    void thereAndBack() throws Exception {
        sink.refuse("450 4.2.0 later");
        List<String> kim;
        try (ServerProcess files = ServerProcess.start(folder, config("files"))) {
            send(files, "first", "kim@sample.org");
            MailClient.send(
                    files.smtpPort(),
                    "x@sample.org",
                    TEXT.formatted("large") + ("y".repeat(70) + "\n").repeat(20_000),
                    "kim@sample.org");
            send(files, "for-doug", "doug@sample.org");
            send(files, "queued", "ann@far.test");
            await().untilAsserted(() -> assertThat(mail(files, "kim")).hasSize(2));
            kim = mail(files, "kim");
            await().untilAsserted(() -> assertThat(run("queue", "list")).contains("450 4.2.0 later"));
            assertThat(ServerProcess.run(folder, "", "store", "copy", "files", "cassandra")
                            .output())
                    .contains("another mailserv uses it");
            stop(files);
        }
        assertThat(copy("files", "cassandra")).contains("Copied 3 messages of 2 mailboxes; moved 1 queued message.");
        assertThat(copy("files", "cassandra"))
                .contains("Copied 0 messages of 2 mailboxes, 3 there already; moved 0 queued messages.");
        List<String> more;
        try (ServerProcess shared = ServerProcess.start(folder, config("cassandra"))) {
            assertThat(mail(shared, "kim")).isEqualTo(kim);
            assertThat(run("queue", "list")).contains("<ann@far.test>");
            sink.refuse("");
            await().untilAsserted(
                            () -> assertThat(sink.count("Subject: queued")).isEqualTo(1));
            send(shared, "in-cassandra", "kim@sample.org");
            sink.refuse("450 4.2.0 later");
            send(shared, "queued-again", "ann@far.test");
            more = mail(shared, "kim");
            assertThat(more).hasSize(3);
            await().untilAsserted(() -> assertThat(run("queue", "list")).contains("450 4.2.0 later"));
            stop(shared);
        }
        assertThat(copy("cassandra", "files"))
                .contains("Copied 1 message of 2 mailboxes, 3 there already; moved 1 queued message.");
        try (ServerProcess files = ServerProcess.start(folder, config("files"))) {
            assertThat(mail(files, "kim")).isEqualTo(more);
            assertThat(mail(files, "doug")).hasSize(1);
            sink.refuse("");
            await().untilAsserted(() ->
                    assertThat(sink.count("Subject: queued-again")).isEqualTo(1));
            assertThat(sink.count("Subject: queued\n")).isEqualTo(1);
            stop(files);
        }
    }

    private static String run(String... arguments) throws Exception {
        return ServerProcess.run(folder, "", arguments).output();
    }
}
