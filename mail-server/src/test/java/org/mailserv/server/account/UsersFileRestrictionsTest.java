package org.mailserv.server.account;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.server.disk.RealDisk;

/** Extra fields of Dovecot's passwd-file: obeyed, or named; what may be a restriction never opens the account. */
class UsersFileRestrictionsTest {
    private static final MailboxName ANN = new MailboxName("example.org", "ann");

    @TempDir
    Path folder;

    private UsersFile.Content read(String... lines) throws IOException {
        Path path = folder.resolve("users");
        Files.writeString(path, String.join("\n", lines) + "\n");
        return new UsersFile(path, new RealDisk()).read();
    }

    private UsersFile.Content withFields(String extra) throws IOException {
        return read("ann@example.org:{PLAIN}secret:1000:1000::/home/ann::" + extra);
    }

    private static Account ann(UsersFile.Content content) {
        Account ann = content.users().get(ANN);
        assertThat(ann).isNotNull();
        return ann;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "allow_nets=192.0.2.0/24 | 192.0.2.7 | true",
                "allow_nets=192.0.2.0/24 | 192.0.3.7 | false",
                "allow_nets=192.0.2.1,198.51.100.0/25 | 198.51.100.9 | true",
                "allow_nets=192.0.2.1,198.51.100.0/25 | 198.51.100.200 | false",
                "allow_nets=2001:db8::/32 | 2001:db8::1 | true",
                "allow_nets=2001:db8::/32 | 2001:db9::1 | false",
                "allow_nets=2001:db8::1,192.0.2.1 | ::ffff:192.0.2.1 | true",
                "userdb_home=/x allow_nets=::1 | 127.0.0.1 | false",
                "allow_nets=local | 127.0.0.1 | false",
                "allow_nets=local,127.0.0.0/8 | 127.0.0.1 | true",
                "allow_nets=here,192.0.2.1 | 192.0.2.1 | true",
                "allow_nets=here,192.0.2.1 | 192.0.2.2 | false",
                "allow_nets= | 192.0.2.1 | false",
                "allow_nets=192.0.2.0/24 allow_nets=192.0.2.128/25 | 192.0.2.1 | false",
                "ALLOW_NETS=192.0.2.1 | 192.0.2.2 | false",
                "allow_nets=192.0.2.0/24 | unknown | false",
                "nologin=y | 192.0.2.1 | false",
                "nologin | 192.0.2.1 | false",
                "nologin=y reason=Moved allow_nets=0.0.0.0/0 | 192.0.2.1 | false",
                "nodelay=y | 192.0.2.1 | true",
                "userdb_home=/x userdb_mail=maildir:~/m userdb_uid=1 userdb_gid=2 | 192.0.2.1 | true",
                "userdb_something=1 | 192.0.2.1 | true",
                "userdb_quota_rule=*:storage=1M | 192.0.2.1 | true",
                "proxy=y host=192.0.2.5 | 192.0.2.1 | false",
                "user=bob@example.org | 192.0.2.1 | false",
                "allow_real_nets=192.0.2.0/24 | 192.0.2.1 | false",
                "valid-client-cert | 192.0.2.1 | false",
                "delay_until=99999999999 | 192.0.2.1 | false",
                "only_on_sundays=y | 192.0.2.1 | false",
                "userdb_mail_max_userip_connections=1 | 192.0.2.1 | false",
                "userdb_quota_rule=*:storage=50% | 192.0.2.1 | false",
                "userdb_quota_rule=*:storage=lots | 192.0.2.1 | false",
                "userdb_quota_storage_percentage=50 | 192.0.2.1 | false",
            })
    @DisplayName("a login meets every restriction, and one that cannot be obeyed closes the account")
    void restrictsLogins(String extra, String client, boolean allowed) throws IOException {
        assertThat(ann(withFields(extra)).restrictions().refuses(client) == null)
                .isEqualTo(allowed);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "only_on_sundays=y",
                "proxy=y",
                "allow_nets=here,192.0.2.1",
                "userdb_quota_rule=*:storage=50%",
                "userdb_quota2_rule=*:storage=1M"
            })
    void namesWhatIsNotObeyed(String extra) throws IOException {
        String name = extra.substring(0, extra.indexOf('='));
        assertThat(withFields(extra).problems())
                .singleElement()
                .asString()
                .contains("users:1: ann@example.org: ")
                .contains(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "userdb_something=1",
                "allow_nets=local,127.0.0.1",
                "userdb_quota_rule2=Trash:storage=+100M",
                "userdb_quota_grace=10%%"
            })
    void whatDoesNoHarmIsANotice(String extra) throws IOException {
        UsersFile.Content content = withFields(extra);
        assertThat(content.problems()).isEmpty();
        assertThat(content.notices()).singleElement().asString().contains("users:1: ann@example.org: ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "userdb_quota_rule=*:storage=1M | 1048576 | 0",
                "userdb_quota_rule=*:storage=100 | 102400 | 0",
                "userdb_quota_rule=*:bytes=100 | 100 | 0",
                "userdb_quota_rule=*:bytes=5K | 5120 | 0",
                "userdb_quota_rule=*:storage=100B | 100 | 0",
                "userdb_quota_rule=*:storage=2G:messages=1000 | 2147483648 | 1000",
                "userdb_quota_rule=*:messages=10 | 0 | 10",
                "userdb_quota_rule=?:storage=1t | 1099511627776 | 0",
                "userdb_quota_rule=*:storage=1M userdb_quota_rule2=Trash:storage=+10%% | 1048576 | 0",
                "userdb_quota_rule=*:storage=1M userdb_quota_rule2=*:messages=7 | 1048576 | 7",
                "userdb_quota_rule=*:storage=10M userdb_quota_rule2=INBOX:storage=1M | 1048576 | 0",
                "quota_rule=*:storage=1M | 1048576 | 0",
                "userdb_quota_storage_size=1M | 1048576 | 0",
                "userdb_quota_storage_size=1048576 | 1048576 | 0",
                "userdb_quota_storage_size=2MiB | 2097152 | 0",
                "userdb_quota_storage_size=unlimited | 0 | 0",
                "userdb_quota_message_count=5 | 0 | 5",
                "userdb_quota=maildir:storage=100:messages=5 | 102400 | 5",
                "userdb_quota=maildir:User quota | 0 | 0",
                "userdb_quota_rule=*:storage=0 | 0 | 0",
                "userdb_quota_rule=*:storage=999999999999999999T | 9223372036854775807 | 0",
            })
    @DisplayName("quota in every spelling of Dovecot")
    void readsQuota(String extra, long octets, long messages) throws IOException {
        Account ann = ann(withFields(extra.replace("%%", "%")));
        assertThat(ann.quotaOctets()).isEqualTo(octets);
        assertThat(ann.quotaMessages()).isEqualTo(messages);
    }

    @Test
    void anExtraFieldInAnotherFieldClosesTheAccount() throws IOException {
        for (String line : List.of(
                "ann@example.org:{PLAIN}secret:allow_nets=192.0.2.1",
                "ann@example.org:{PLAIN}secret::::::nologin=y",
                "ann@example.org:{PLAIN}secret:::::nologin",
                "ann@example.org:{PLAIN}secret::::/home/ann:userdb_home=x nologin=y")) {
            assertThat(ann(read(line)).restrictions().refuses("192.0.2.1")).isNotNull();
        }
    }

    @Test
    void anAccountWhosePasswordCannotBeCheckedIsClosedAndStillGetsMail() throws IOException {
        for (String password : List.of("{CRAM-MD5}00", "{FOO}secret", "secret", "!", "{CRYPT}*")) {
            UsersFile.Content content = read("ann@example.org:" + password + "::::::nopassword=y");
            Account ann = ann(content);
            assertThat(ann.password()).isNull();
            assertThat(ann.restrictions().refuses("127.0.0.1")).isNotNull();
            assertThat(content.problems().size() + content.notices().size()).isEqualTo(1);
        }
    }

    @Test
    void restrictionsHoldWhereverTheyStand() throws Exception {
        UsersFile.Content twice =
                read("ann@example.org:{PLAIN}secret", "ann@example.org:{PLAIN}other::::::allow_nets=192.0.2.1");
        assertThat(ann(twice).restrictions().refuses("192.0.2.2")).isNotNull();
        assertThat(twice.problems()).hasSize(1);
        read("ann@example.org:{PLAIN}other::::::nologin=y");
        DomainConfig domain = new DomainConfig(
                null,
                Map.of("ann", new DomainConfig.MailboxConfig("{PLAIN}secret", null, List.of(), null, null)),
                Map.of(),
                null,
                null);
        UsersFile file = new UsersFile(folder.resolve("users"), new RealDisk());
        try (LocalAccounts accounts = new LocalAccounts(Map.of("example.org", domain), null, file, null, "+", 1)) {
            Account ann = accounts.accounts().get(0);
            assertThat(ann.password()).isEqualTo("{PLAIN}secret");
            assertThat(ann.restrictions().refuses("127.0.0.1")).isEqualTo("nologin");
        }
    }
}
