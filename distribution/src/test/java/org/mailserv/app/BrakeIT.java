package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.testing.ScriptedDnsServer;

/** An account whose password was stolen. */
@Timeout(120)
class BrakeIT {
    @TempDir
    Path folder;

    @Test
    void whatASuddenlyBusyAccountSendsIsHeldAndItsOwnerIsTold() throws Exception {
        try (ScriptedDnsServer dns = new ScriptedDnsServer().trouble("far.test", ScriptedDnsServer.Trouble.SERVFAIL);
                ServerProcess server = ServerProcess.start(
                        folder,
                        ServerProcess.CONFIG.replace(
                                        "{ kind = smtp, address = \"127.0.0.1\", port = 0 }",
                                        "{ kind = submission, address = \"127.0.0.1\", port = 0 }\n")
                                + "plaintext-auth-networks = [\"127.0.0.0/8\"]\nlimits.brake-floor = 3\n"
                                + "relay.retry.schedule = [1h]\ndns.servers = [\"" + dns.address() + "\"]\n")) {
            Tools.python("send_as.py", server.port("submission"), "kim@sample.org", "secret", "ann@far.test", 5);

            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(MailClient.fetch(server.pop3Port(), "kim@sample.org", "secret"))
                            .anyMatch(message -> message.contains("Subject: Mail from kim@sample.org is held")
                                    && message.contains("mailserv user release kim@sample.org")));
            assertThat(ServerProcess.run(folder, "", "queue", "list").output().split("hold", -1))
                    .as("held messages")
                    .hasSize(3);
            assertThat(ServerProcess.run(folder, "", "user", "release", "--drop", "kim@sample.org")
                            .output())
                    .contains("restriction lifted, 2 held messages dropped");
            assertThat(ServerProcess.run(folder, "", "queue", "list").output()).doesNotContain("hold");
        }
    }
}
