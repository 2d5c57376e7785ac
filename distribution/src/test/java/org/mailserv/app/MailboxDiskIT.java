package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Mailboxes on a disk of their own, which fails as disks do. Needs the right to mount one. */
@Timeout(180)
class MailboxDiskIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String KIM = "kim@sample.org";

    @TempDir
    Path folder;

    private Path disk;
    private ServerProcess server;
    private SmallDisk mounted;

    @BeforeEach
    void start() throws Exception {
        disk = Files.createDirectory(folder.resolve("disk"));
        mounted = SmallDisk.mount(disk, "1m");
        server = ServerProcess.start(
                folder, ServerProcess.CONFIG + "domains-dir = \"" + disk + "\"\nrelay.retry.schedule = [300ms]\n");
    }

    @AfterEach
    void stop() throws Exception {
        if (server != null) {
            server.close();
        }
        if (mounted != null) {
            mounted.close();
        }
    }

    private void send(String subject) throws IOException {
        MailClient.send(server.smtpPort(), "a@b.test", "Subject: " + subject + "\n\nbody\n", KIM, "crowd@sample.org");
    }

    private List<String> fetch() throws IOException {
        return MailClient.fetch(server.pop3Port(), KIM, "secret");
    }

    private void awaitMessages(int count) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(fetch()).hasSize(count));
    }

    private void assertNoStrays() throws IOException {
        assertThat(disk.resolve("sample.org/kim/tmp")).isEmptyDirectory();
        assertThat(disk.resolve("sample.org/crowd/tmp")).isEmptyDirectory();
    }

    @Test
    @DisplayName("mail for a mailbox whose disk is full or read-only waits in the queue and comes when it can, once")
    void fullAndReadOnly() throws Exception {
        send("first");
        awaitMessages(1);
        mounted.fill();
        send("second");
        await().atMost(PATIENCE).until(() -> server.says("event=mailbox-failed"));
        assertThat(fetch()).hasSize(1);
        assertNoStrays();
        mounted.makeRoom();
        awaitMessages(2);

        mounted.makeReadOnly();
        send("third");
        await().atMost(PATIENCE).until(() -> server.says("Read-only file system"));
        assertThat(fetch()).hasSize(2);
        mounted.makeWritable();
        awaitMessages(3);
        assertThat(fetch()).hasSize(3);
        assertNoStrays();
    }

    @Test
    @DisplayName("a mailbox folder that is taken away is made again for the next message")
    void gone() throws Exception {
        send("first");
        awaitMessages(1);
        Tools.run("rm", "-r", disk.resolve("sample.org").toString());
        assertThat(fetch()).isEmpty();
        send("second");
        awaitMessages(1);
        assertThat(fetch().get(0)).contains("Subject: second");
    }
}
