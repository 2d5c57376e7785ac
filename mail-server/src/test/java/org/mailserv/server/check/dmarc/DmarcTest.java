package org.mailserv.server.check.dmarc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
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
                .check(List.of(author), new Dmarc.Authenticated(spf, List.of(dkim), List.of()))
                .toCompletableFuture()
                .join();
    }

    private void expect(String author, @Nullable String spf, String result, DmarcPolicy policy) {
        DmarcOutcome outcome = check(author, spf);
        assertThat(outcome.result()).as("%s", outcome).isEqualTo(result);
        assertThat(outcome.policy()).as("%s", outcome).isEqualTo(policy);
    }

    @Test
    @DisplayName("U2: Aligned domains pass: the same, or of one organization, by the tree walk")
    void alignment() {
        expect("example.com", "example.com", "pass", DmarcPolicy.NONE);
        expect("example.com", "bounces.example.com", "pass", DmarcPolicy.NONE);
        expect("a.b.c.d.e.f.g.h.i.example.com", "example.com", "pass", DmarcPolicy.NONE);
        expect("example.com", "example.net", "fail", DmarcPolicy.REJECT);
        expect("example.com", "notexample.com", "fail", DmarcPolicy.REJECT);
        expect("strict.example", "sub.strict.example", "fail", DmarcPolicy.QUARANTINE);
        expect("strict.example", "strict.example", "pass", DmarcPolicy.NONE);
        assertThat(check("EXAMPLE.com", null, "other.example", "mail.Example.com")
                        .result())
                .isEqualTo("pass");
    }

    @Test
    @DisplayName("Subdomains have their policy, those that are not there another")
    void subdomains() {
        expect("there.example.com", null, "fail", DmarcPolicy.QUARANTINE);
        expect("nowhere.example.com", null, "fail", DmarcPolicy.REJECT);
        expect("testing.example", null, "fail", DmarcPolicy.QUARANTINE);
        expect("reports.example", null, "fail", DmarcPolicy.NONE);
    }

    @Test
    @DisplayName("A public suffix parts organizations, and psd=n makes one below another")
    void publicSuffix() {
        expect("shop.co.example", "bounces.shop.co.example", "pass", DmarcPolicy.NONE);
        expect("shop.co.example", "other.co.example", "fail", DmarcPolicy.REJECT);
        expect("giant.bank.example", "bank.example", "fail", DmarcPolicy.NONE);
        expect("mail.giant.bank.example", "giant.bank.example", "pass", DmarcPolicy.NONE);
    }

    @Test
    @DisplayName("No policy, several, a failing DNS, no author: nothing is refused for that")
    void nothingToApply() {
        expect("plain.example", null, "none", DmarcPolicy.NONE);
        expect("twice.example", null, "none", DmarcPolicy.NONE);
        expect("broken.example", null, "temperror", DmarcPolicy.NONE);
        Dmarc dmarc = new Dmarc(dns);
        Dmarc.Authenticated nothing = new Dmarc.Authenticated(null, List.of(), List.of());
        assertThat(dmarc.check(List.of(), nothing).toCompletableFuture().join().result())
                .isEqualTo("permerror");
        Dmarc.Authenticated unverified = new Dmarc.Authenticated(null, List.of(), List.of("example.com"));
        assertThat(dmarc.check(List.of("example.com"), unverified)
                        .toCompletableFuture()
                        .join()
                        .result())
                .isEqualTo("none");
    }
}
