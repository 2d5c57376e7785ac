package org.mailserv.app.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.account.MailboxName;

/** Users and aliases in the files of other servers. */
class AccountSourcesTest {
    @TempDir
    Path folder;

    private Path file(String content) throws IOException {
        return Files.writeString(folder.resolve("file"), content);
    }

    @Test
    void aliasesOfSendmailAndPostfix() throws IOException {
        AliasSource read = AliasSource.read(
                file("# comment\n"
                        + "postmaster:    root\n"
                        + "root: joe, ann@far.test\n\n"
                        + "team: joe,\n"
                        + "    kim\n"),
                "a.test");

        assertThat(read.problems()).isEmpty();
        assertThat(read.aliases())
                .containsExactly(
                        entry("postmaster@a.test", List.of("root")),
                        entry("root@a.test", List.of("joe", "ann@far.test")),
                        entry("team@a.test", List.of("joe", "kim")));
    }

    @Test
    void virtualMaps() throws IOException {
        AliasSource read = AliasSource.read(
                file("info@a.test\tjoe@a.test ann@far.test\n@a.test joe@a.test\nx@b.test kim@a.test,joe@a.test\n"),
                "a.test");

        assertThat(read.problems()).isEmpty();
        assertThat(read.aliases())
                .containsExactly(
                        entry("info@a.test", List.of("joe@a.test", "ann@far.test")),
                        entry("@a.test", List.of("joe@a.test")),
                        entry("x@b.test", List.of("kim@a.test", "joe@a.test")));
    }

    @Test
    void whatHasNoCounterpartIsRefusedWithItsLine() throws IOException {
        AliasSource read = AliasSource.read(
                file("ok: joe\n/^sales-.*@a\\.test$/ joe@a.test\nlist: \"|/usr/bin/mailman post\"\nbox: /var/mail/box\n"
                        + "all: :include:/etc/all\nok: kim\nnothing:\n"),
                "a.test");

        assertThat(read.aliases()).containsOnlyKeys("ok@a.test");
        assertThat(read.problems())
                .satisfiesExactly(
                        line -> assertThat(line).contains("file:2: a regular expression"),
                        line -> assertThat(line).contains("file:3: ").contains("program"),
                        line -> assertThat(line).contains("file:4: ").contains("the file /var/mail/box"),
                        line -> assertThat(line).contains("file:5: ").contains(":include:"),
                        line -> assertThat(line).contains("file:6: ").contains("twice"),
                        line -> assertThat(line).contains("file:7: "));
    }

    @Test
    void usersOfDovecotAndDockerMailserver() throws IOException {
        UserSource read = UserSource.read(
                file("joe@a.test:{PLAIN}x:1000:1000::/home/joe::userdb_quota_rule=*:storage=1G\n"
                        + "ann@a.test|{PLAIN}y\nkim:$1$abcdefgh$X/WYVSbAlDzcPNVFoqsbo.\nbad@a.test:plain\n"
                        + "worse@a.test:{ROT13}x\nnobody\n"),
                "a.test");
        Path quotas = Files.writeString(folder.resolve("quotas"), "ann@a.test:5G\nwho@a.test:1G\n");
        read.addQuotas(quotas);

        assertThat(read.users())
                .containsEntry(
                        MailboxName.of("joe@a.test"), new UserSource.User("{PLAIN}x", "userdb_quota_rule=*:storage=1G"))
                .containsEntry(
                        MailboxName.of("ann@a.test"), new UserSource.User("{PLAIN}y", "userdb_quota_rule=*:storage=5G"))
                .containsKey(MailboxName.of("kim@a.test"))
                .hasSize(3);
        assertThat(read.problems())
                .satisfiesExactly(
                        line -> assertThat(line).contains("file:4: bad@a.test"),
                        line -> assertThat(line).contains("file:5: worse@a.test"),
                        line -> assertThat(line).contains("file:6: nobody"),
                        line -> assertThat(line).contains("quotas:2: who@a.test is not in"));
    }
}
