package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.testing.ForeignPrograms;

/** The commands of {@code docs/migrate.md}, with the files of Postfix and a real Dovecot. */
@Timeout(180)
class MigrationIT {
    private static final String DOVECOT = """
        base_dir = FOLDER/run
        log_path = FOLDER/log
        protocols = imap
        listen = 127.0.0.1
        ssl = no
        disable_plaintext_auth = no
        mail_location = maildir:FOLDER/mail/%n
        first_valid_uid = 1
        default_login_user = nobody
        default_internal_user = nobody
        default_internal_group = nogroup
        service imap-login {
          inet_listener imap {
            port = PORT
          }
          inet_listener imaps {
            port = 0
          }
        }
        passdb {
          driver = static
          args = password=old
        }
        userdb {
          driver = static
          args = uid=nobody gid=nogroup home=FOLDER/mail/%n
        }
        """;

    @TempDir
    Path folder;

    @BeforeEach
    void configure() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(folder.resolve("mailserv.conf"), """
            hostname = "mx.test"
            data-dir = "data"
            domains { "example.org" {} }
            """);
    }

    private ServerProcess.Result mailserv(String input, String... arguments) throws Exception {
        return ServerProcess.run(folder, input, arguments);
    }

    private Path message(String place, String subject, Instant time) throws Exception {
        Path file = folder.resolve("mail/joe").resolve(place);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "Subject: " + subject + "\n\nText of " + subject + "\n");
        return Files.setLastModifiedTime(file, java.nio.file.attribute.FileTime.from(time));
    }

    @Test
    @DisplayName(
            "users and aliases of Postfix, Dovecot and docker-mailserver come with hashes and quotas, or are refused"
                    + " with their line")
    void accounts() throws Exception {
        Files.writeString(folder.resolve("users"), "joe:{PLAIN}secret:1000:1000::/home/joe::\nbad:{ROT13}x\n");
        Files.writeString(folder.resolve("postfix-accounts.cf"), "ann@example.org|{PLAIN}other\n");
        Files.writeString(folder.resolve("dovecot-quotas.cf"), "ann@example.org:5G\n");
        Files.writeString(folder.resolve("virtual"), "info@example.org joe@example.org\n/^x.*/ joe@example.org\n");

        ServerProcess.Result users = mailserv("", "import", "users", "users", "--domain", "example.org");
        assertThat(users.code()).as(users.output()).isEqualTo(1);
        assertThat(users.output()).contains("Imported 1 user, 1 not imported").contains("users:2: bad@example.org");
        assertThat(mailserv("", "import", "users", "postfix-accounts.cf", "--quotas", "dovecot-quotas.cf")
                        .output())
                .contains("Imported 1 user");
        assertThat(mailserv("", "import", "users", "postfix-accounts.cf").output())
                .contains("1 there already");
        assertThat(mailserv("", "user", "list").output()).contains("joe@example.org", "ann@example.org");
        assertThat(Files.readString(folder.resolve("data/users")))
                .contains("ann@example.org:{PLAIN}other::::::userdb_quota_rule=*:storage=5G");

        ServerProcess.Result aliases = mailserv("", "import", "aliases", "virtual");
        assertThat(aliases.code()).isEqualTo(1);
        assertThat(aliases.output())
                .contains("Imported 1 alias, 1 not imported")
                .contains("virtual:2: a regular expression");
        assertThat(mailserv("", "alias", "list").output()).contains("info@example.org: joe@example.org");
        Files.writeString(folder.resolve("empty"), "# nothing\n");
        assertThat(mailserv("", "import", "aliases", "empty").code()).isNotZero();
    }

    @Test
    @DisplayName(
            "an account comes by IMAP from a real Dovecot with folders, flags, dates and unique ids, and each message"
                    + " once")
    void imap() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "Dovecot is started by root");
        ForeignPrograms.assumeAble("Dovecot 2.3", "^2\\.3\\.", "dovecot", "--version");
        ForeignPrograms.assumeAble("Dovecot with IMAP", "imap", "ls", "/usr/lib/dovecot/imap");
        assertThat(mailserv("new\n", "user", "add", "joe@example.org", "--password-stdin")
                        .code())
                .isZero();
        Instant time = Instant.parse("2020-02-02T10:00:00Z");
        message("cur/1.a.b:2,S", "read", time);
        message("new/2.a.b", "unread", time.plusSeconds(60));
        message(".Sent/cur/3.a.b:2,FRS", "sent", time.plusSeconds(120));
        Tools.run("chown", "-R", "nobody:nogroup", folder.resolve("mail").toString());
        int port = StackProgram.freePort();
        Path config = Files.writeString(
                folder.resolve("dovecot.conf"),
                DOVECOT.replace("FOLDER", folder.toString()).replace("PORT", port + ""));
        String[] command = {
            "import",
            "imap",
            "joe@example.org",
            "--host",
            "127.0.0.1",
            "--port",
            port + "",
            "--plain",
            "--user",
            "joe",
            "--password-stdin"
        };
        try (StackProgram dovecot = StackProgram.start(folder, port, List.of("dovecot", "-F", "-c", config + ""))) {
            ServerProcess.Result wrong = mailserv("wrong\n", command);
            assertThat(wrong.code()).as(wrong.output()).isEqualTo(69);
            assertThat(wrong.output()).contains("the login was refused").doesNotContain("Exception");

            ServerProcess.Result first = mailserv("old\n", command);
            assertThat(first.code()).as(first.output() + dovecot.output()).isZero();
            assertThat(first.output())
                    .contains("INBOX: 2 messages, 2 new", "Sent: 1 message, 1 new", "3 of 3 on the server");

            message("new/4.a.b", "later", time.plusSeconds(180));
            Tools.run("chown", "-R", "nobody:nogroup", folder.resolve("mail").toString());
            ServerProcess.Result second = mailserv("old\n", command);
            assertThat(second.code()).as(second.output()).isZero();
            assertThat(second.output()).contains("Imported 1 message", "3 there already", "4 of 4 on the server");
        }
        Path mailbox = folder.resolve("data/domains/example.org/joe");
        try (Stream<Path> files = Files.walk(mailbox)) {
            List<Path> messages = files.filter(
                            file -> file.getParent().toString().matches(".*/(cur|new)"))
                    .toList();
            assertThat(messages).hasSize(4);
            Path sent = messages.stream()
                    .filter(file -> (file + "").contains("/.Sent/"))
                    .findFirst()
                    .orElseThrow();
            assertThat(sent.toString()).endsWith(":2,FRS");
            assertThat(Files.getLastModifiedTime(sent).toInstant()).isEqualTo(time.plusSeconds(120));
            assertThat(Files.readString(sent, StandardCharsets.US_ASCII))
                    .isEqualTo("Subject: sent\r\n\r\nText of sent\r\n");
            assertThat(messages.stream()
                            .filter(file -> (file + "").contains(",U="))
                            .count())
                    .isEqualTo(3);
        }
    }
}
