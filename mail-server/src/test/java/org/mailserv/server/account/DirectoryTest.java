package org.mailserv.server.account;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
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
        assertThat(directory.deadAliases()).anyMatch(line -> line.contains("a@the-richardsons.org"));
    }

    @Test
    void tagsAndCatchAll() {
        assertThat(mailboxes("rebecca+lists", "the-richardsons.org")).containsExactly("rebecca@the-richardsons.org");
        assertThat(mailboxes("nobody", "the-richardsons.org")).isEmpty();
        assertThat(mailboxes("nobody", "sample.org")).containsExactly("kim@sample.org");
    }
}
