package org.mailserv.server.account;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.PathParser;
import org.mailserv.server.disk.RealDisk;

/** A domain, a mailbox and an alias are configured in one form and known in all. */
class NameFormsTest {
    private static final List<String> DOMAINS = List.of(
            "bücher.test",
            "BÜCHER.TEST",
            "bu\u0308cher.test",
            "xn--bcher-kva.test",
            "XN--BCHER-KVA.test",
            "ｂücher．test");
    private static final List<String> NAMES = List.of("jürgen", "JÜRGEN", "ju\u0308rgen", "JU\u0308RGEN", "ｊüｒｇｅｎ");

    @TempDir
    Path folder;

    private static DomainConfig domain(Map<String, List<String>> aliases, String... names) {
        Map<String, DomainConfig.MailboxConfig> mailboxes = new LinkedHashMap<>();
        for (String name : names) {
            mailboxes.put(
                    name,
                    new DomainConfig.MailboxConfig("{PLAIN}secret", null, List.of("@" + DOMAINS.get(2)), null, null));
        }
        return new DomainConfig(null, mailboxes, aliases, null, null);
    }

    private static Directory directory(String domain, Map<String, List<String>> aliases, String... names) {
        return new Directory(Map.of(domain, domain(aliases, names)), Map.of(), Map.of(), null, "+");
    }

    private static String found(Directory directory, String address) {
        Address parsed = PathParser.parseAddress(address);
        assertThat(parsed).as(address).isNotNull();
        return directory.resolve(parsed) instanceof Resolution.Found all
                ? all.mailboxes() + "" + all.forwards()
                : "none";
    }

    @Test
    @DisplayName("whichever form of domain and mailbox is configured, mail and logins find it in all of them")
    void everyFormFindsEveryForm() {
        for (String domain : DOMAINS) {
            for (String name : NAMES) {
                Directory directory = directory(domain, Map.of(), name);
                assertThat(directory.primaryDomain()).isEqualTo("xn--bcher-kva.test");
                for (String asked : DOMAINS) {
                    assertThat(directory.isLocalDomain(asked)).isTrue();
                    for (String local : NAMES) {
                        assertThat(found(directory, local + "+tag@" + asked))
                                .isEqualTo("[jürgen@xn--bcher-kva.test][]");
                        assertThat(directory.find(local + "@" + asked)).isNotNull();
                        assertThat(directory.find("\"" + local + "\"@" + asked)).isNotNull();
                    }
                }
                assertThat(directory.find("jurgen@bücher.test")).isNull();
                assertThat(found(directory, "jürgen@bucher.test")).isEqualTo("[][jürgen@bucher.test]");
            }
        }
    }

    @Test
    @DisplayName("aliases are known in all forms, in the configuration and in their file, as name and as target")
    void aliases() throws Exception {
        AliasesFile file = new AliasesFile(folder.resolve("aliases"), new RealDisk());
        for (String domain : DOMAINS) {
            for (String name : NAMES) {
                Directory configured = directory(domain, Map.of(name, List.of("A..B@" + domain)), "a..b");
                assertThat(found(configured, "jürgen@bücher.test")).isEqualTo("[a..b@xn--bcher-kva.test][]");
                Files.writeString(file.path(), name + "@" + domain + ": \"a..b\"\n");
                Directory written = new Directory(
                        Map.of("xn--bcher-kva.test", domain(Map.of(), "a..b")),
                        Map.of(),
                        file.read().aliases(),
                        null,
                        "+");
                assertThat(found(written, "JÜRGEN@bücher.test")).isEqualTo("[a..b@xn--bcher-kva.test][]");
                assertThat(AliasProblems.of(written)).isEmpty();
            }
        }
    }

    @Test
    @DisplayName("an alias whose name needs quotes can be written, read and removed again")
    void quotedAliases() throws Exception {
        AliasesFile file = new AliasesFile(folder.resolve("aliases"), new RealDisk());
        for (String alias : List.of("\"a b\"@x.test", "a..b@x.test", "\"a:b\"@x.test", "a@bücher.test", "@x.test")) {
            String key = AliasesFile.key(alias);
            assertThat(key).isNotNull();
            file.put(key, List.of("kim@x.test"));
            assertThat(file.read().aliases()).containsEntry(key, List.of("kim@x.test"));
            assertThat(file.read().problems()).isEmpty();
            assertThat(file.put(key, List.of())).isTrue();
            assertThat(file.read().aliases()).isEmpty();
        }
    }

    @Test
    @DisplayName("a users file knows a user in all forms, and changes the line in the form that it has")
    void usersFile() throws Exception {
        UsersFile file = new UsersFile(folder.resolve("users"), new RealDisk());
        Files.writeString(file.path(), "ju\u0308rgen@BÜCHER.test:{PLAIN}one::::::\n");
        MailboxName mailbox = new MailboxName("xn--bcher-kva.test", "jürgen");
        assertThat(file.read().users()).containsOnlyKeys(mailbox);
        assertThat(file.put(mailbox, "{PLAIN}two")).isFalse();
        assertThat(Files.readString(file.path())).startsWith("ju\u0308rgen@BÜCHER.test:{PLAIN}two");
        assertThat(file.remove(mailbox)).isTrue();
        assertThat(file.read().users()).isEmpty();
    }

    @ParameterizedTest
    @DisplayName("names that only look or sound alike stay two mailboxes")
    @ValueSource(strings = {"strasse", "STRASSE", "stra\u03B2e", "stra\u00DFe\u0323", "\u0455traße", "str\u0251ße"})
    void lookAlikesStayDifferent(String other) {
        Directory directory = directory("x.test", Map.of(), "straße");
        assertThat(found(directory, "STRAẞE@x.test")).isEqualTo("[straße@x.test][]");
        assertThat(found(directory, other + "@x.test")).isEqualTo("none");
        assertThat(directory.find(other + "@x.test")).isNull();
    }

    @ParameterizedTest
    @DisplayName("local parts with odd dots and over-long ones are mailboxes like others, quoted or not")
    @ValueSource(strings = {"a..b", ".a", "a.", "..", "joe"})
    void oddDots(String name) {
        Directory directory = directory("x.test", Map.of(), name, "x".repeat(300));
        for (String form : Arrays.asList(name, "\"" + name + "\"", name.toUpperCase(java.util.Locale.ROOT))) {
            assertThat(found(directory, form + "@x.test")).isEqualTo("[" + name + "@x.test][]");
            assertThat(directory.find(form + "@x.test")).isNotNull();
        }
        assertThat(found(directory, "X".repeat(300) + "@x.test")).startsWith("[xxx");
    }

    @Test
    @DisplayName("a sender that an account may use is known in all forms")
    void senders() {
        Account account = directory("bücher.test", Map.of(), "jürgen").find("jürgen@bücher.test");
        assertThat(account).isNotNull();
        assertThat(account.senders()).containsExactly("@xn--bcher-kva.test");
    }

    @ParameterizedTest
    @DisplayName("a password fits composed and decomposed, as different systems send it")
    @ValueSource(strings = {"{PLAIN}", "{BLF-CRYPT}", "{SCRAM-SHA-256}"})
    void passwords(String scheme) {
        String composed = "Grüße";
        String decomposed = Normalizer.normalize(composed, Normalizer.Form.NFD);
        for (String chosen : List.of(composed, decomposed)) {
            String stored = scheme.equals("{PLAIN}")
                    ? scheme + chosen
                    : PasswordScheme.hash(chosen, scheme.substring(1, scheme.length() - 1));
            for (String typed : List.of(composed, decomposed)) {
                assertThat(PasswordScheme.verify(stored, typed)).isTrue();
            }
            assertThat(PasswordScheme.verify(stored, "Grusse")).isFalse();
        }
    }

    @Test
    @DisplayName("SCRAM has one salt for all forms of a login, whether it is there or not")
    void scramSalts() throws Exception {
        try (LocalAccounts accounts =
                new LocalAccounts(Map.of("bücher.test", domain(Map.of(), "jürgen")), null, null, null, "+", 1)) {
            for (String name : List.of("jürgen", "nobody")) {
                byte[] salt = salt(accounts, name + "@bücher.test");
                assertThat(salt(accounts, name.toUpperCase(java.util.Locale.ROOT) + "@xn--bcher-kva.test"))
                        .isEqualTo(salt);
            }
        }
    }

    private static byte[] salt(LocalAccounts accounts, String login) throws Exception {
        return accounts.scram(login)
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS)
                .salt();
    }
}
