package org.mailserv.server.check.dmarc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailserv.server.testing.FakeDns;

class DmarcTest {
    private final FakeDns dns = new FakeDns()
            .withTxt("_dmarc.example.com", "v=DMARC1; p=reject; sp=quarantine; np=reject; rua=mailto:d@example.com")
            .withTxt("_dmarc.strict.example", "v=DMARC1; p=quarantine; aspf=s; adkim=s")
            .withTxt("_dmarc.testing.example", "v=DMARC1; p=reject; t=y")
            .withTxt("_dmarc.co.example", "v=DMARC1; p=reject; psd=y")
            .withTxt("_dmarc.giant.bank.example", "v=DMARC1; p=none; psd=n")
            .withTxt("_dmarc.bank.example", "v=DMARC1; p=reject")
            .withTxt("_dmarc.twice.example", "v=DMARC1; p=reject")
            .withTxt("_dmarc.twice.example", "v=DMARC1; p=none")
            .withTxt("_dmarc.reports.example", "v=DMARC1; rua=mailto:x@reports.example")
            .withAddress("there.example.com", "192.0.2.1")
            .failing("_dmarc.broken.example");

    private DmarcOutcome check(String author, @Nullable String spf, String... dkim) {
        return new Dmarc(dns)
                .check(List.of(author), new Dmarc.Authenticated(spf, List.of(dkim), null, List.of()))
                .toCompletableFuture()
                .join();
    }

    private void expect(String author, @Nullable String spf, DmarcResult result, DmarcPolicy policy) {
        DmarcOutcome outcome = check(author, spf);
        assertThat(outcome.result()).as("%s", outcome).isEqualTo(result);
        assertThat(outcome.policy()).as("%s", outcome).isEqualTo(policy);
    }

    @Test
    @DisplayName("U2: Aligned domains pass: the same, or of one organization, by the tree walk")
    void alignment() {
        expect("example.com", "example.com", DmarcResult.PASS, DmarcPolicy.NONE);
        expect("example.com", "bounces.example.com", DmarcResult.PASS, DmarcPolicy.NONE);
        expect("a.b.c.d.e.f.g.h.i.example.com", "example.com", DmarcResult.PASS, DmarcPolicy.NONE);
        expect("example.com", "example.net", DmarcResult.FAIL, DmarcPolicy.REJECT);
        expect("example.com", "notexample.com", DmarcResult.FAIL, DmarcPolicy.REJECT);
        expect("strict.example", "sub.strict.example", DmarcResult.FAIL, DmarcPolicy.QUARANTINE);
        expect("strict.example", "strict.example", DmarcResult.PASS, DmarcPolicy.NONE);
        assertThat(check("EXAMPLE.com", null, "other.example", "mail.Example.com")
                        .result())
                .isEqualTo(DmarcResult.PASS);
    }

    @Test
    @DisplayName("Subdomains have their policy, those that are not there another")
    void subdomains() {
        expect("there.example.com", null, DmarcResult.FAIL, DmarcPolicy.QUARANTINE);
        expect("nowhere.example.com", null, DmarcResult.FAIL, DmarcPolicy.REJECT);
        expect("testing.example", null, DmarcResult.FAIL, DmarcPolicy.QUARANTINE);
        expect("reports.example", null, DmarcResult.FAIL, DmarcPolicy.NONE);
    }

    @Test
    @DisplayName("A public suffix parts organizations, and psd=n makes one below another")
    void publicSuffix() {
        expect("shop.co.example", "bounces.shop.co.example", DmarcResult.PASS, DmarcPolicy.NONE);
        expect("shop.co.example", "other.co.example", DmarcResult.FAIL, DmarcPolicy.REJECT);
        expect("giant.bank.example", "bank.example", DmarcResult.FAIL, DmarcPolicy.NONE);
        expect("mail.giant.bank.example", "giant.bank.example", DmarcResult.PASS, DmarcPolicy.NONE);
    }

    private DmarcOutcome unknown(String author, @Nullable String spf, String... dkim) {
        return new Dmarc(dns)
                .check(List.of(author), new Dmarc.Authenticated(null, List.of(), spf, List.of(dkim)))
                .toCompletableFuture()
                .join();
    }

    @Test
    @DisplayName("No policy, or several records: nothing is asked for")
    void nothingToApply() {
        expect("plain.example", null, DmarcResult.NONE, DmarcPolicy.NONE);
        expect("twice.example", null, DmarcResult.NONE, DmarcPolicy.NONE);
    }

    @Test
    @DisplayName(
            "A policy that cannot be looked up leaves the message undecided, unless the author's very domain is authenticated")
    void failingPolicy() {
        DmarcOutcome outcome = check("broken.example", "other.example");
        assertThat(outcome.result()).isEqualTo(DmarcResult.TEMPERROR);
        assertThat(outcome.undecided()).isTrue();
        assertThat(check("broken.example", "broken.example").undecided()).isFalse();
        assertThat(check("broken.example", null, "broken.example").undecided()).isFalse();
        assertThat(check("broken.example", "sub.broken.example").undecided()).isTrue();
        assertThat(check("sub.broken.example", null).undecided()).isTrue();
        // Its own record decides on the policy, whatever is above it.
        dns.withTxt("_dmarc.own.broken.example", "v=DMARC1; p=reject");
        assertThat(check("own.broken.example", null).policy()).isEqualTo(DmarcPolicy.REJECT);
        assertThat(check("own.broken.example", null, "own.broken.example").result())
                .isEqualTo(DmarcResult.PASS);
        assertThat(check("own.broken.example", null, "broken.example").undecided())
                .isTrue();
        assertThat(check("own.broken.example", null, "evil.example").policy()).isEqualTo(DmarcPolicy.REJECT);
    }

    @Test
    @DisplayName(
            "What is not known counts for nobody: it leaves undecided what it could authenticate, and changes nothing else")
    void unknownResults() {
        assertThat(unknown("example.com", null, "example.com").undecided()).isTrue();
        assertThat(unknown("example.com", null, "evil.test", "mail.example.com").undecided())
                .isTrue();
        assertThat(unknown("example.com", "example.com").undecided()).isTrue();
        DmarcOutcome other = unknown("example.com", "evil.test", "silent.test", "notexample.com");
        assertThat(other.undecided()).isFalse();
        assertThat(other.policy()).isEqualTo(DmarcPolicy.REJECT);
        // Strict alignment: a subdomain could not have helped.
        assertThat(unknown("strict.example", null, "sub.strict.example").policy())
                .isEqualTo(DmarcPolicy.QUARANTINE);
        DmarcOutcome harmless = unknown("reports.example", null, "reports.example");
        assertThat(harmless.result()).isEqualTo(DmarcResult.TEMPERROR);
        assertThat(harmless.undecided()).isFalse();
    }

    @Test
    @DisplayName("A claim whose organization cannot be looked up does not spoil one that is known")
    void failingClaim() {
        dns.failing("_dmarc.slow.example.com");
        assertThat(check("example.com", "slow.example.com", "example.com").result())
                .isEqualTo(DmarcResult.PASS);
        assertThat(check("example.com", "slow.example.com").undecided()).isTrue();
    }

    @Test
    @DisplayName("Whether a subdomain exists may be unknown too")
    void unknownExistence() {
        dns.failing("perhaps.example.com");
        assertThat(check("perhaps.example.com", null).undecided()).isTrue();
    }

    private DmarcOutcome several(List<String> authors, @Nullable String spf) {
        return new Dmarc(dns)
                .check(authors, new Dmarc.Authenticated(spf, List.of(), null, List.of()))
                .toCompletableFuture()
                .join();
    }

    @Test
    @DisplayName("Of authors in several domains, the strictest policy applies")
    void severalAuthors() {
        assertThat(several(List.of("plain.example", "example.com"), "plain.example")
                        .policy())
                .isEqualTo(DmarcPolicy.REJECT);
        assertThat(several(List.of("example.com", "plain.example"), "example.com")
                        .result())
                .isEqualTo(DmarcResult.NONE);
        assertThat(several(List.of("strict.example", "example.com"), "strict.example")
                        .domain())
                .isEqualTo("example.com");
        assertThat(several(List.of("broken.example", "strict.example"), null).undecided())
                .isTrue();
        assertThat(several(List.of("broken.example", "example.com"), null).policy())
                .isEqualTo(DmarcPolicy.REJECT);
        assertThat(several(List.of("example.com", "EXAMPLE.COM."), "example.com")
                        .result())
                .isEqualTo(DmarcResult.PASS);
    }

    @Test
    @DisplayName("No domain, too many, or what is no domain: unreadable, and never a pass")
    void unreadable() {
        Dmarc dmarc = new Dmarc(dns);
        for (List<String> domains : List.of(
                List.<String>of(),
                List.of("a..b"),
                List.of("\u202Eevil.example"),
                IntStream.range(0, 11).mapToObj(i -> "d" + i + ".example").toList())) {
            assertThat(dmarc.inquire(domains).isReadable()).as("%s", domains).isFalse();
        }
        assertThat(several(List.of(), null).result()).isEqualTo(DmarcResult.PERMERROR);
        assertThat(several(List.of("a..b", "example.com"), null).policy()).isEqualTo(DmarcPolicy.REJECT);
        assertThat(dmarc.inquire(List.of("b\u00FCcher.example")).domains()).isEqualTo("xn--bcher-kva.example");
    }
}
