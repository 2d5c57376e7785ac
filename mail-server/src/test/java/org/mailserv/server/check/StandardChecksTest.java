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
import org.mailserv.codec.address.PathParser;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.server.check.ChecksConfig.DmarcPolicy;
import org.mailserv.server.check.ChecksConfig.SpfPolicy;
import org.mailserv.server.check.MessageChecks.Verdict;
import org.mailserv.server.check.dkim.DkimKeys;
import org.mailserv.server.check.reputation.GreylistConfig;
import org.mailserv.server.check.reputation.ListConfig;
import org.mailserv.server.report.Observations;
import org.mailserv.server.testing.FakeDns;

class StandardChecksTest {
    private static final String GOOD = "192.0.2.7";
    private static final String OTHER = "203.0.113.7";
    private static final String LISTED = "203.0.113.66";
    private static final ListConfig BAD = new ListConfig("bad.list.example", ListConfig.Subject.CLIENT, 5);

    private final FakeDns dns = new FakeDns()
            .withTxt("example.com", "v=spf1 ip4:192.0.2.0/24 -all")
            .withTxt("_dmarc.example.com", "v=DMARC1; p=reject")
            .withTxt("_dmarc.junk.example", "v=DMARC1; p=quarantine")
            .withAddress("66.113.0.203.bad.list.example", "127.0.0.2")
            .withAddress("66.113.0.203.good.list.example", "127.0.0.2")
            .withAddress("67.113.0.203.bad.list.example", "127.255.255.254");

    @TempDir
    Path folder;

    private static ChecksConfig config(SpfPolicy spf, DmarcPolicy dmarc, ListConfig... lists) {
        return new ChecksConfig(
                spf,
                dmarc,
                ChecksConfig.Quarantine.MARK,
                true,
                false,
                10,
                Duration.ofMillis(300),
                List.of("127.0.0.0/8"),
                new ChecksConfig.Lists(List.of(lists), 5, true),
                GreylistConfig.defaults());
    }

    private StandardChecks checks(ChecksConfig config) throws IOException {
        return new StandardChecks(new StandardChecks.Parts(
                config,
                "mx.example.org",
                dns,
                new DkimKeys(folder, InstantSource.system()),
                null,
                Runnable::run,
                Observations.NONE,
                InstantSource.system()));
    }

    private Verdict check(ChecksConfig config, String client, String sender, String header) throws IOException {
        MessageChecks.Inspection inspection = Objects.requireNonNull(checks(config)
                .begin(new MessageChecks.Facts(
                        FakeDns.address(client),
                        "client.example",
                        new ReversePath(PathParser.parseAddress(sender)),
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
        ChecksConfig marks = ChecksConfig.defaults();
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

    @Test
    @DisplayName("U14: Lists have weights, good ones outweigh bad ones, and a list that refuses us says nothing")
    void lists() throws IOException {
        ListConfig good = new ListConfig("good.list.example", ListConfig.Subject.CLIENT, -3);
        ChecksConfig blocking = config(SpfPolicy.OFF, DmarcPolicy.OFF, BAD);
        String from = "From: a@b.example";
        assertThat(String.valueOf(check(blocking, LISTED, "a@b.example", from).refusal()))
                .startsWith("550 5.7.1 Your address or name is listed by bad.list.example");
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
        assertThat(verdict.refusal()).isNull();
    }

    @Test
    @DisplayName("A signature that nobody could verify refuses no mail")
    void unverifiedSignature() throws IOException {
        dns.failing("s._domainkey.example.com");
        String header = "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=s; h=from; bh=YQ==; b=YQ==\r\n"
                + "From: a@example.com";
        Verdict verdict = check(config(SpfPolicy.MARK, DmarcPolicy.APPLY), OTHER, "a@example.com", header);
        assertThat(verdict.fields()).contains("dkim=temperror", "dmarc=none");
        assertThat(verdict.refusal()).isNull();
    }

    @Test
    @DisplayName("Exempt clients are not looked at")
    void exempt() throws IOException {
        assertThat(checks(ChecksConfig.defaults())
                        .begin(new MessageChecks.Facts(FakeDns.address("127.0.0.1"), "x", ReversePath.NULL, false)))
                .isNull();
        assertThat(dns.questions()).isZero();
    }
}
