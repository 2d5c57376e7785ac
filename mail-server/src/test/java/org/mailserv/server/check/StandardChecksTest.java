package org.mailserv.server.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.codec.address.PathParser;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.server.check.ChecksConfig.DmarcPolicy;
import org.mailserv.server.check.ChecksConfig.SpfPolicy;
import org.mailserv.server.check.MessageChecks.Verdict;
import org.mailserv.server.check.dkim.DkimKeys;
import org.mailserv.server.check.reputation.ListConfig;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.report.Observations;
import org.mailserv.server.testing.FakeDns;

class StandardChecksTest {
    private static final String GOOD = "192.0.2.7";
    private static final String OTHER = "203.0.113.7";
    private static final String LISTED = "203.0.113.66";
    private static final ListConfig BAD = new ListConfig("bad.list.example", null, ListConfig.Subject.CLIENT, 5);

    private final FakeDns dns = new FakeDns()
            .withTxt("example.com", "v=spf1 ip4:192.0.2.0/24 -all")
            .withTxt("_dmarc.example.com", "v=DMARC1; p=reject")
            .withTxt("_dmarc.junk.example", "v=DMARC1; p=quarantine")
            .withAddress("66.113.0.203.bad.list.example", "127.0.0.2")
            .withAddress("66.113.0.203.good.list.example", "127.0.0.2")
            .withAddress("67.113.0.203.bad.list.example", "127.255.255.254");

    @TempDir
    Path folder;

    private boolean dkim = true;
    private ChecksConfig.OnTemperror spfTemperror = ChecksConfig.OnTemperror.DEFER;
    private ChecksConfig.InvalidFrom invalidFrom = ChecksConfig.InvalidFrom.REJECT;

    private ChecksConfig config(SpfPolicy spf, DmarcPolicy dmarc, ListConfig... lists) {
        return new ChecksConfigBuilder()
                .spf(spf)
                .spfTemperror(spfTemperror)
                .dmarc(dmarc)
                .invalidFrom(invalidFrom)
                .dkim(dkim)
                .timeout(Duration.ofMillis(300))
                .lists(lists)
                .build();
    }

    private CheckChain checks(ChecksConfig config) throws IOException {
        return StandardChecks.chain(
                List.of(),
                new StandardChecks.Parts(
                        config,
                        "mx.example.org",
                        dns,
                        new DkimKeys(folder, InstantSource.system()),
                        Runnable::run,
                        Observations.NONE,
                        InstantSource.system(),
                        MailEvents.NONE),
                List.of());
    }

    private Verdict check(ChecksConfig config, String client, String sender, String header) throws IOException {
        MessageChecks.Inspection inspection = Objects.requireNonNull(checks(config)
                .begin(new MessageChecks.Facts(
                        FakeDns.address(client),
                        "client.example",
                        sender.isEmpty() ? ReversePath.NULL : new ReversePath(PathParser.parseAddress(sender)),
                        false)));
        ByteBuf message = Unpooled.copiedBuffer(header + "\r\n\r\nx\r\n", StandardCharsets.UTF_8);
        inspection.feed(message);
        inspection.filter(message).release();
        inspection.rest().release();
        return inspection.finish("").toCompletableFuture().join();
    }

    @Test
    @DisplayName("U2: What was found is said in one field")
    void says() throws IOException {
        ChecksConfig marks = new ChecksConfigBuilder().build();
        assertThat(check(marks, GOOD, "a@example.com", "From: A <a@example.com>")
                        .fields())
                .isEqualTo("Authentication-Results: mx.example.org;\r\n"
                        + "\tspf=pass smtp.mailfrom=example.com;\r\n"
                        + "\tdkim=none;\r\n"
                        + "\tdmarc=pass reason=\"p=reject of example.com\" header.from=example.com\r\n");
        Verdict forged = check(marks, OTHER, "a@example.com", "From: a@example.com");
        assertThat(forged.fields()).contains("spf=fail", "dmarc=fail").doesNotContain("X-Spam-Flag");
        assertThat(forged.refusal()).isNull();
    }

    @Test
    @DisplayName("U2: DMARC's policy is applied by choice: 550 5.7.1, or a mark")
    void appliesDmarc() throws IOException {
        ChecksConfig config = config(SpfPolicy.MARK, DmarcPolicy.APPLY);
        assertThat(String.valueOf(check(config, OTHER, "a@example.com", "From: a@example.com")
                        .refusal()))
                .startsWith("550 5.7.1 ");
        Verdict marked = check(config, OTHER, "a@other.example", "From: a@junk.example");
        assertThat(marked.refusal()).isNull();
        assertThat(marked.fields()).endsWith("X-Spam-Flag: YES\r\n");
    }

    @Test
    @DisplayName("SPF may refuse by choice")
    void refusesSpf() throws IOException {
        ChecksConfig config = config(SpfPolicy.REJECT, DmarcPolicy.OFF);
        assertThat(String.valueOf(check(config, OTHER, "a@example.com", "From: x@y.example")
                        .refusal()))
                .startsWith("550 5.7.23 ");
        assertThat(check(config, GOOD, "a@example.com", "From: x@y.example").refusal())
                .isNull();
    }

    @ParameterizedTest
    @DisplayName("An SPF answer that fails or is late defers or marks where SPF may reject, and only reports elsewhere")
    @ValueSource(strings = {"fails", "silent"})
    void spfTemperror(String kind) throws IOException {
        String domain = kind + ".example";
        if (kind.equals("silent")) {
            dns.silent(domain);
        } else {
            dns.failing(domain);
        }
        String sender = "a@" + domain;
        ChecksConfig rejecting = config(SpfPolicy.REJECT, DmarcPolicy.OFF);
        Verdict deferred = check(rejecting, OTHER, sender, "From: x@y.example");
        assertThat(String.valueOf(deferred.refusal())).startsWith("451 4.4.3 SPF of " + domain);
        assertThat(deferred.fields()).contains("spf=temperror");
        spfTemperror = ChecksConfig.OnTemperror.MARK;
        Verdict marked = check(config(SpfPolicy.REJECT, DmarcPolicy.OFF), OTHER, sender, "From: x@y.example");
        assertThat(marked.refusal()).isNull();
        assertThat(marked.fields()).contains("spf=temperror").endsWith("X-Spam-Flag: YES\r\n");
        Verdict reported = check(config(SpfPolicy.MARK, DmarcPolicy.OFF), OTHER, sender, "From: x@y.example");
        assertThat(reported.refusal()).isNull();
        assertThat(reported.fields()).contains("spf=temperror").doesNotContain("X-Spam-Flag");
    }

    @Test
    @DisplayName("SPF without an answer defers bounces by their HELO name, too, and a permanent refusal goes first")
    void spfTemperrorOfHelo() throws IOException {
        dns.failing("client.example");
        Verdict bounce = check(config(SpfPolicy.REJECT, DmarcPolicy.OFF), OTHER, "", "From: x@y.example");
        assertThat(String.valueOf(bounce.refusal())).startsWith("451 4.4.3 SPF of client.example");
        Verdict listed = check(config(SpfPolicy.REJECT, DmarcPolicy.OFF, BAD), LISTED, "", "From: x@y.example");
        assertThat(String.valueOf(listed.refusal())).startsWith("550 5.7.1 ");
    }

    @Test
    @DisplayName("U14: Lists have weights, good ones outweigh bad ones, and a list that refuses us says nothing")
    void lists() throws IOException {
        ListConfig good = new ListConfig("good.list.example", null, ListConfig.Subject.CLIENT, -3);
        ChecksConfig blocking = config(SpfPolicy.OFF, DmarcPolicy.OFF, BAD);
        String from = "From: a@b.example";
        assertThat(String.valueOf(check(blocking, LISTED, "a@b.example", from).refusal()))
                .startsWith("550 5.7.1 Your address or name is listed by list.example");
        assertThat(check(blocking, "203.0.113.67", "a@b.example", from).refusal())
                .isNull();
        ChecksConfig both = config(SpfPolicy.OFF, DmarcPolicy.OFF, BAD, good);
        assertThat(check(both, LISTED, "a@b.example", from).refusal()).isNull();
    }

    @Test
    @Timeout(value = 20, unit = TimeUnit.SECONDS)
    @DisplayName("A dead DNS costs a message a bounded time, and nothing else")
    void deadDns() throws IOException {
        dns.die();
        ChecksConfig config = config(SpfPolicy.REJECT, DmarcPolicy.APPLY, BAD);
        Verdict verdict = check(config, LISTED, "a@example.com", "From: a@example.com");
        assertThat(verdict.fields()).contains("spf=temperror", "dmarc=temperror");
        assertThat(String.valueOf(verdict.refusal())).startsWith("451 ");
    }

    private static String signature(String domain, String selector) {
        return "DKIM-Signature: v=1; a=rsa-sha256; d=" + domain + "; s=" + selector + "; h=from; bh=YQ==; b=YQ==\r\n";
    }

    @Test
    @DisplayName(
            "A signature of the author's domain that nobody could verify puts the message off, and never lets it in")
    void unverifiedSignature() throws IOException {
        dns.failing("s._domainkey.example.com");
        String header = signature("example.com", "s") + "From: a@example.com";
        Verdict verdict = check(config(SpfPolicy.MARK, DmarcPolicy.APPLY), OTHER, "a@example.com", header);
        assertThat(verdict.fields()).contains("dkim=temperror", "dmarc=temperror");
        assertThat(String.valueOf(verdict.refusal())).startsWith("451 4.7.1 ");
        Verdict marked = check(config(SpfPolicy.MARK, DmarcPolicy.MARK), OTHER, "a@example.com", header);
        assertThat(marked.refusal()).isNull();
    }

    @Test
    @DisplayName("A silent key of another domain changes nothing: the message fails DMARC")
    void silentKey() throws IOException {
        dns.silent("s._domainkey.silent.test");
        String header = signature("silent.test", "s") + signature("example.com", "none") + "From: a@example.com";
        Verdict verdict = check(config(SpfPolicy.MARK, DmarcPolicy.APPLY), OTHER, "a@other.example", header);
        assertThat(String.valueOf(verdict.refusal())).startsWith("550 5.7.1 ");
        assertThat(verdict.fields())
                .contains("dkim=temperror reason=\"no answer within 150 ms\" header.d=silent.test")
                .contains("dkim=permerror reason=\"no key\" header.d=example.com")
                .contains("dmarc=fail");
    }

    @Test
    @DisplayName("DMARC has signatures verified, also where their results are not wanted")
    void dmarcNeedsSignatures() throws IOException {
        dkim = false;
        dns.failing("s._domainkey.example.com");
        String header = signature("example.com", "s") + "From: a@example.com";
        Verdict verdict = check(config(SpfPolicy.OFF, DmarcPolicy.APPLY), OTHER, "a@other.example", header);
        assertThat(String.valueOf(verdict.refusal())).startsWith("451 4.7.1 ");
        assertThat(verdict.fields()).contains("dmarc=temperror").doesNotContain("dkim=", "spf=");
    }

    @Test
    @DisplayName("A silent list changes nothing about the others")
    void silentList() throws IOException {
        dns.silent("66.113.0.203.slow.list.example");
        ListConfig slow = new ListConfig("slow.list.example", null, ListConfig.Subject.CLIENT, 5);
        ChecksConfig config = config(SpfPolicy.OFF, DmarcPolicy.OFF, slow, BAD);
        assertThat(String.valueOf(check(config, LISTED, "a@b.example", "From: a@b.example")
                        .refusal()))
                .startsWith("550 5.7.1 ");
    }

    @ParameterizedTest
    @DisplayName("However From is written, the author's policy applies")
    @ValueSource(
            strings = {
                "From: Ann <ann@example.com (home)>",
                "From: <ann @ example.com>",
                "From: <mailto:ann@example.com>",
                "From: a@other.example\r\nFrom: ann@example.com",
                "From: ann@example.com\r\nFrom: a@other.example",
                "From: a@other.example, ann@example.com",
                "From : ann@example.com",
                "FROM:\r\n ann@example.com",
                "From: =?utf-8?q?ann=40example.com?=",
                "Subject: x\r\nno field\r\nFrom: ann@example.com",
                "From: a@other.example\rFrom: ann@example.com"
            })
    void everyForm(String header) throws IOException {
        invalidFrom = ChecksConfig.InvalidFrom.ACCEPT;
        Verdict verdict = check(config(SpfPolicy.MARK, DmarcPolicy.APPLY), OTHER, "a@other.example", header);
        assertThat(String.valueOf(verdict.refusal())).as(header).startsWith("550 5.7.1 Rejected by the DMARC policy");
    }

    @ParameterizedTest
    @DisplayName("Mail whose author cannot be told is refused or marked, by setting")
    @ValueSource(
            strings = {
                "Subject: x",
                "Sender: a@example.com",
                "From:",
                "From: <>",
                "From: undisclosed-recipients:;",
                "From: Ann",
                "From: ann@[192.0.2.1]",
                "From: a@other.example\r\nFrom: b@other.example",
                "From: ann@a..b"
            })
    void invalidFrom(String header) throws IOException {
        Verdict refused = check(config(SpfPolicy.MARK, DmarcPolicy.APPLY), OTHER, "a@other.example", header);
        assertThat(String.valueOf(refused.refusal())).as(header).startsWith("550 5.7.1 The author cannot be told");
        assertThat(refused.fields()).contains("dmarc=permerror");
        invalidFrom = ChecksConfig.InvalidFrom.MARK;
        Verdict marked = check(config(SpfPolicy.MARK, DmarcPolicy.APPLY), OTHER, "a@other.example", header);
        assertThat(marked.refusal()).isNull();
        assertThat(marked.fields()).contains("X-Spam-Flag: YES");
        Verdict seen = check(config(SpfPolicy.MARK, DmarcPolicy.MARK), OTHER, "a@other.example", header);
        assertThat(seen.refusal()).isNull();
        assertThat(seen.fields()).contains("dmarc=permerror").doesNotContain("X-Spam-Flag");
    }

    @Test
    @DisplayName("A header that is too large to be read hides no author")
    void largeHeader() throws IOException {
        String header = "From: a@other.example\r\n" + "X-Filler: y\r\n".repeat(50_000) + "From: a@example.com";
        Verdict verdict = check(config(SpfPolicy.MARK, DmarcPolicy.APPLY), OTHER, "a@other.example", header);
        assertThat(String.valueOf(verdict.refusal())).startsWith("550 5.7.1 ");
        String within = "X-Filler: y\r\n".repeat(30_000) + "From: a@example.com";
        assertThat(String.valueOf(check(config(SpfPolicy.MARK, DmarcPolicy.APPLY), OTHER, "a@other.example", within)
                        .refusal()))
                .startsWith("550 5.7.1 Rejected by the DMARC policy");
    }

    @Test
    @DisplayName("The key in a list's zone is shown to nobody")
    void listKeys() throws IOException {
        dns.withAddress("66.113.0.203.s3cretkey.zen.dq.list.example", "127.0.0.2");
        ListConfig keyed = new ListConfig("s3cretkey.zen.dq.list.example", null, ListConfig.Subject.CLIENT, 5);
        Verdict verdict =
                check(config(SpfPolicy.OFF, DmarcPolicy.OFF, keyed), LISTED, "a@b.example", "From: a@b.example");
        assertThat(verdict.refusal() + verdict.fields())
                .contains("listed by zen.dq.list.example", "dns.zone=zen.dq.list.example")
                .doesNotContain("s3cret");
        ListConfig labelled = new ListConfig(keyed.zone(), "The Good List", ListConfig.Subject.CLIENT, 5);
        Verdict named =
                check(config(SpfPolicy.OFF, DmarcPolicy.OFF, labelled), LISTED, "a@b.example", "From: a@b.example");
        assertThat(named.refusal() + named.fields())
                .contains("listed by The Good List", "dns.zone=\"The Good List\"")
                .doesNotContain("s3cret");
        assertThat(String.valueOf(keyed)).doesNotContain("s3cret");
        assertThat(new ListConfig("bl.spamcop.net", null, ListConfig.Subject.CLIENT, 1).shownName())
                .isEqualTo("bl.spamcop.net");
        assertThat(new ListConfig("abc.bl.test", null, ListConfig.Subject.CLIENT, 1).shownName())
                .isEqualTo("bl.test");
    }

    @Test
    @DisplayName("Exempt clients are not looked at")
    void exempt() throws IOException {
        assertThat(checks(new ChecksConfigBuilder().build())
                        .begin(new MessageChecks.Facts(FakeDns.address("127.0.0.1"), "x", ReversePath.NULL, false)))
                .isNull();
        assertThat(dns.questions()).isZero();
    }
}
