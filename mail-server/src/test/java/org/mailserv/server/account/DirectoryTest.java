package org.mailserv.server.account;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.NetUtil;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.codec.address.Address;

class DirectoryTest {
    private static final DomainConfig.MailboxConfig MAILBOX =
            new DomainConfig.MailboxConfig("{PLAIN}secret", null, List.of(), null, null);

    private final Directory directory = directory();

    private static Directory directory() {
        Map<String, DomainConfig.MailboxConfig> mailboxes = new LinkedHashMap<>();
        mailboxes.put("Doug", MAILBOX);
        mailboxes.put("rebecca", MAILBOX);
        Map<String, List<String>> aliases = Map.of(
                "all", List.of("doug", "rebecca", "kim@sample.org", "far@elsewhere.test"),
                "a", List.of("b"),
                "b", List.of("a"),
                "doug", List.of("doug", "far@elsewhere.test"));
        Map<String, DomainConfig> domains = new LinkedHashMap<>();
        domains.put("The-Richardsons.org", new DomainConfig(null, mailboxes, aliases, null, "rebecca"));
        domains.put("sample.org", new DomainConfig(null, Map.of("kim", MAILBOX), Map.of(), "kim", null));
        domains.put("empty.org", new DomainConfig(null, Map.of(), Map.of(), null, null));
        return new Directory(domains, Map.of(), Map.of(), null, "+");
    }

    private List<String> mailboxes(String local, String domain) {
        return directory.resolve(new Address(local, domain)) instanceof Resolution.Found found
                ? found.mailboxes().stream().map(MailboxName::toString).toList()
                : List.of();
    }

    @Test
    @DisplayName("M2: names are found in any case")
    void anyCase() {
        assertThat(mailboxes("REBECCA", "the-richardsons.org")).containsExactly("rebecca@the-richardsons.org");
        assertThat(directory.isLocalDomain("THE-RICHARDSONS.ORG")).isTrue();
    }

    @Test
    @DisplayName(
            "M3: postmaster reaches the configured person, else the first of the domain, else one of the primary domain")
    void postmaster() {
        assertThat(mailboxes("postmaster", "the-richardsons.org")).containsExactly("rebecca@the-richardsons.org");
        assertThat(mailboxes("PostMaster", "sample.org")).containsExactly("kim@sample.org");
        assertThat(mailboxes("postmaster", "empty.org")).containsExactly("doug@the-richardsons.org");
        assertThat(mailboxes("postmaster", "")).containsExactly("rebecca@the-richardsons.org");
    }

    @Test
    void aliasesLeadToManyAndOut() {
        assertThat(directory.resolve(new Address("all", "the-richardsons.org")))
                .isInstanceOfSatisfying(Resolution.Found.class, found -> {
                    assertThat(found.mailboxes().stream().map(MailboxName::toString))
                            .containsExactlyInAnyOrder(
                                    "doug@the-richardsons.org", "rebecca@the-richardsons.org", "kim@sample.org");
                    assertThat(found.forwards()).containsExactly(new Address("far", "elsewhere.test"));
                });
    }

    @Test
    void aLoopOfAliasesIsUnknown() {
        assertThat(directory.resolve(new Address("a", "the-richardsons.org"))).isInstanceOf(Resolution.Unknown.class);
        assertThat(AliasProblems.of(directory).get("a@the-richardsons.org"))
                .anyMatch(line -> line.contains("leads back to it"));
    }

    @Test
    void tagsAndCatchAll() {
        assertThat(mailboxes("rebecca+lists", "the-richardsons.org")).containsExactly("rebecca@the-richardsons.org");
        assertThat(mailboxes("nobody", "the-richardsons.org")).isEmpty();
        assertThat(mailboxes("nobody", "sample.org")).containsExactly("kim@sample.org");
    }

    private static Directory onHost() {
        Map<String, DomainConfig> domains = new LinkedHashMap<>();
        domains.put(
                "other.test",
                new DomainConfig(null, Map.of("kim", MAILBOX), Map.of("sales", List.of("ann")), null, null));
        domains.put(
                "example.test",
                new DomainConfig(
                        null,
                        Map.of("ann", MAILBOX, "boss", MAILBOX),
                        Map.of("web", List.of("ann@localhost")),
                        null,
                        "boss"));
        domains.put("catch.test", new DomainConfig(null, Map.of("all", MAILBOX), Map.of(), "all", null));
        domains.put("own.test", new DomainConfig(null, Map.of("abuse", MAILBOX, "x", MAILBOX), Map.of(), null, "x"));
        return new Directory(
                domains,
                Map.of(),
                Map.of("cron", List.of("ann")),
                "example.test",
                "+",
                new OwnNames("MX.example.test", Set.of(NetUtil.createInetAddressFromIpAddressString("192.0.2.7"))));
    }

    private static List<String> found(Address address) {
        return onHost().resolve(address) instanceof Resolution.Found found
                ? found.mailboxes().stream().map(MailboxName::toString).toList()
                : List.of();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "mx.example.test",
                "Mx.Example.TEST",
                "localhost",
                "localhost.localdomain",
                "[127.0.0.1]",
                "[IPv6:::1]",
                "[192.0.2.7]"
            })
    @DisplayName("bare names, and names of this host, stand for the primary domain")
    void namesOfThisHost(String domain) {
        assertThat(onHost().isLocalDomain(domain)).isTrue();
        assertThat(found(new Address("Ann", domain))).containsExactly("ann@example.test");
        assertThat(found(new Address("cron", domain))).containsExactly("ann@example.test");
        assertThat(found(new Address("root", domain))).containsExactly("boss@example.test");
        assertThat(found(new Address("nobody", domain))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sub.mx.example.test",
                "[192.0.2.8]",
                "[IPv6:2001:db8::1]",
                "mx.example.test.evil.test",
                "foreign.test"
            })
    @DisplayName("domains of others are not this host")
    void otherHosts(String domain) {
        assertThat(onHost().isLocalDomain(domain)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "root",
                "ROOT",
                "postmaster",
                "MAILER-DAEMON",
                "abuse",
                "hostmaster",
                "webmaster",
                "noc",
                "security",
                "root+cron"
            })
    @DisplayName(
            "roles reach the postmaster's mailbox in every local domain; mailboxes, aliases and a catch-all come first")
    void roles(String name) {
        assertThat(found(new Address(name, "example.test"))).containsExactly("boss@example.test");
        assertThat(found(new Address(name, "other.test"))).containsExactly("kim@other.test");
        if (!name.equals("postmaster")) {
            assertThat(found(new Address(name, "catch.test"))).containsExactly("all@catch.test");
        }
        assertThat(found(new Address("abuse", "own.test"))).containsExactly("abuse@own.test");
        assertThat(onHost().isRoleByDefault(new Address(name, "mx.example.test")))
                .isTrue();
        assertThat(onHost().isRoleByDefault(new Address("abuse", "own.test"))).isFalse();
        assertThat(onHost().isRoleByDefault(new Address("cron", ""))).isFalse();
    }

    @Test
    @DisplayName(
            "a bare target of an alias is of its own domain, else of the primary one; names of this host work as targets")
    void bareTargets() {
        assertThat(found(new Address("sales", "other.test"))).containsExactly("ann@example.test");
        assertThat(found(new Address("web", "example.test"))).containsExactly("ann@example.test");
        assertThat(AliasProblems.of(onHost())).isEmpty();
    }
}
