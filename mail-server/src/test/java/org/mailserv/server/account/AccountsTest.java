package org.mailserv.server.account;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.commons.codec.digest.Crypt;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.PathParser;
import org.mailserv.server.disk.RealDisk;

class AccountsTest {
    @TempDir
    Path folder;

    private static DomainConfig domain(String catchAll, Map<String, List<String>> aliases, String... names) {
        Map<String, DomainConfig.MailboxConfig> mailboxes = new LinkedHashMap<>();
        for (String name : names) {
            mailboxes.put(name, new DomainConfig.MailboxConfig("{PLAIN}secret", null, List.of(), null, null));
        }
        return new DomainConfig(null, mailboxes, aliases, catchAll, null);
    }

    private static Directory directory() {
        Map<String, DomainConfig> domains = new LinkedHashMap<>();
        domains.put(
                "example.org",
                domain(
                        null,
                        Map.of(
                                "Sales", List.of("doug", "kim@sample.org", "out@far.example"),
                                "loop", List.of("loop2"),
                                "loop2", List.of("loop"),
                                "kim", List.of("kim", "copy@far.example")),
                        "doug",
                        "kim"));
        domains.put("sample.org", domain("kim", Map.of(), "kim"));
        domains.put("empty.example", domain(null, Map.of()));
        return new Directory(domains, Map.of(), Map.of(), null, "+");
    }

    private static String resolve(String address) {
        Address parsed = PathParser.parseForwardPath("<" + address + ">").address();
        Resolution resolution = directory().resolve(parsed);
        return resolution instanceof Resolution.Found found ? found.mailboxes() + " " + found.forwards() : "unknown";
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "doug@example.org|[doug@example.org] []",
                "DOUG@EXAMPLE.ORG|[doug@example.org] []",
                "doug+lists@example.org|[doug@example.org] []",
                "nobody@example.org|unknown",
                "sales@example.org|[doug@example.org, kim@sample.org] [out@far.example]",
                "loop@example.org|unknown",
                "kim@example.org|[kim@example.org] [copy@far.example]",
                "anything@sample.org|[kim@sample.org] []",
                "postmaster@example.org|[doug@example.org] []",
                "PostMaster|[doug@example.org] []",
                "postmaster@empty.example|[doug@example.org] []",
                "other@empty.example|unknown"
            })
    @DisplayName("M2, M3: any case, tags, aliases, loops, catch-all, postmaster")
    void resolves(String address, String expected) {
        assertThat(resolve(address)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{PLAIN}secret",
                "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=",
                "{SHA256}K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols=",
                "{SHA256.HEX}2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b",
                "{MD5-CRYPT}$1$saltsalt$8zBeYqnVjgp3cYKKlCKQy1",
                "{PLAIN-MD5}5ebe2294ecd0e0f08eab7690d2a6ee69"
            })
    void verifiesSchemes(String stored) {
        if (stored.startsWith("{MD5-CRYPT}")) {
            String hash = Crypt.crypt("secret", "$1$saltsalt$");
            assertThat(PasswordScheme.verify("{MD5-CRYPT}" + hash, "secret")).isTrue();
            return;
        }
        assertThat(PasswordScheme.isKnown(stored)).isTrue();
        assertThat(PasswordScheme.verify(stored, "secret")).isTrue();
        assertThat(PasswordScheme.verify(stored, "Secret")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "secret", "{FOO}secret", "{SHA}!!!", "{ARGON2ID}$argon2id$x", "{PBKDF2}$1$", "{BLF-CRYPT}x"})
    void whatCannotBeReadFitsNothing(String stored) {
        assertThat(PasswordScheme.verify(stored, "secret")).isFalse();
    }

    @Test
    void hashesWhatItVerifies() {
        String hash = PasswordScheme.hash("pässword");
        assertThat(hash).startsWith("{SCRAM-SHA-256}16384,");
        assertThat(PasswordScheme.verify(hash, "pässword")).isTrue();
        assertThat(PasswordScheme.verify(hash, "password")).isFalse();
    }

    @Test
    @DisplayName("a change of the users file is seen without a restart; Dovecot's lines are read as they are")
    void followsTheUsersFile() throws Exception {
        Path path = folder.resolve("users");
        Files.writeString(
                path, "# comment\nann@example.org:{PLAIN}secret:1000:1000::/home/ann::userdb_quota_rule=*:bytes=1M\n");
        UsersFile file = new UsersFile(path, new RealDisk());
        try (LocalAccounts accounts =
                new LocalAccounts(Map.of("example.org", domain(null, Map.of())), null, file, null, "+", 1)) {
            Account ann = accounts.authenticate("Ann@Example.org", "secret")
                    .toCompletableFuture()
                    .get(5, TimeUnit.SECONDS);
            assertThat(ann.quotaOctets()).isEqualTo(1 << 20);
            assertThat(accounts.authenticate("ann@example.org", "no")
                            .toCompletableFuture()
                            .get(5, TimeUnit.SECONDS))
                    .isNull();
            assertThat(accounts.authenticate("x@example.org", "secret")
                            .toCompletableFuture()
                            .get(5, TimeUnit.SECONDS))
                    .isNull();
            assertThat(file.put(new MailboxName("example.org", "bob"), "{PLAIN}other"))
                    .isTrue();
            Awaitility.await()
                    .until(() -> accounts.find("bob@example.org")
                                    .toCompletableFuture()
                                    .get()
                            != null);
            assertThat(file.put(new MailboxName("example.org", "ann"), "{PLAIN}new"))
                    .isFalse();
            assertThat(Files.readString(path))
                    .contains("# comment")
                    .contains("ann@example.org:{PLAIN}new:1000:1000::/home/ann");
            assertThat(file.remove(new MailboxName("example.org", "bob"))).isTrue();
            Awaitility.await()
                    .until(() -> accounts.find("bob@example.org")
                                    .toCompletableFuture()
                                    .get()
                            == null);
        }
    }

    @Test
    void tellsBadLinesOfTheUsersFile() throws Exception {
        Path path = folder.resolve("users");
        Files.writeString(path, "nobody\na@b.example:{FOO}x\na@b.example:{PLAIN}x\na@b.example:{PLAIN}y\n");
        assertThat(new UsersFile(path, new RealDisk()).read().problems())
                .hasSize(4)
                .allMatch(line -> line.matches(".*users:\\d: .*"));
    }

    @Test
    @DisplayName("an unknown name costs what a wrong password costs, and both get the same answer")
    void timeTellsNoNames() throws Exception {
        String hash = PasswordScheme.hash("secret");
        Map<String, DomainConfig.MailboxConfig> mailboxes =
                Map.of("doug", new DomainConfig.MailboxConfig(hash, null, List.of(), null, null));
        Map<String, DomainConfig> domains =
                Map.of("example.org", new DomainConfig(null, mailboxes, Map.of(), null, null));
        try (LocalAccounts accounts = new LocalAccounts(domains, null, null, null, "+", 1)) {
            // The fastest of each, of as many as it takes on a busy machine: other work only adds. Without a hash one
            // would be
            // a thousandth of the other for ever.
            long known = Long.MAX_VALUE;
            long unknown = Long.MAX_VALUE;
            long elsewhere = Long.MAX_VALUE;
            for (int i = 0; i < 300 && (i < 10 || !alike(known, unknown) || !alike(known, elsewhere)); i++) {
                known = Math.min(known, nanos(accounts, "doug@example.org"));
                unknown = Math.min(unknown, nanos(accounts, "nobody@example.org"));
                elsewhere = Math.min(elsewhere, nanos(accounts, "doug@far.example"));
            }
            assertThat(alike(known, unknown)).as("%d and %d ns", known, unknown).isTrue();
            assertThat(alike(known, elsewhere))
                    .as("%d and %d ns", known, elsewhere)
                    .isTrue();
        }
    }

    private static boolean alike(long one, long other) {
        return one < other * 2 && other < one * 2;
    }

    private static long nanos(LocalAccounts accounts, String name) throws Exception {
        long start = System.nanoTime();
        assertThat(accounts.authenticate(name, "wrong").toCompletableFuture().get(20, TimeUnit.SECONDS))
                .isNull();
        return System.nanoTime() - start;
    }
}
