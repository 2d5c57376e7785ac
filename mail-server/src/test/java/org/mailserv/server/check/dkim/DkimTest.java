package org.mailserv.server.check.dkim;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What we sign we verify, and what others signed too; what was changed on the way is found out. */
class DkimTest {
    private static final Instant NOW = Instant.parse("2026-11-21T00:00:00Z");
    private static final String HEADER = "From: Joe <joe@football.example.com>\r\nTo: a@b.example\r\n"
            + "Subject: Is  dinner\r\n\tready?\r\nDate: Fri, 20 Nov 2026 21:00:37 -0700\r\n";

    @TempDir
    Path folder;

    private final TxtDns dns = new TxtDns();
    private DkimKeys keys;

    @BeforeEach
    void makeKeys() throws Exception {
        keys = new DkimKeys(folder.resolve("dkim"), InstantSource.fixed(NOW));
        for (DkimKey key : keys.generate("football.example.com", NOW)) {
            dns.records.put(key.selector() + "._domainkey.football.example.com", key.dnsRecord());
        }
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private String sign(String message) {
        DkimSigner.Scan scan = new DkimSigner(keys, InstantSource.fixed(NOW)).begin();
        for (byte octet : octets(message)) {
            scan.feed(Unpooled.wrappedBuffer(new byte[] {octet}));
        }
        return scan.sign("Message-ID: <1@x>\r\n").fields() + "Message-ID: <1@x>\r\n" + message;
    }

    private List<DkimOutcome> verify(String message) {
        DkimVerifier.Scan scan = new DkimVerifier(dns, Runnable::run, InstantSource.fixed(NOW), 10).begin(false);
        scan.feed(Unpooled.wrappedBuffer(octets(message)));
        return scan.finish(Duration.ofSeconds(30)).toCompletableFuture().join();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\r\n",
                "\r\n\r\n\r\n",
                "\r\nHi.\r\n\r\nWe lost  the game. \t Are you hungry yet?\r\n\r\nJoe.\r\n",
                "\r\nno end",
                "\r\n  \t\r\n\r\nblank lines \r\n \r\n\r\n\r\n",
                "\r\n\u00fc\u00ff bare \r cr\r\n"
            })
    @DisplayName("U2: what we sign verifies, with RSA and Ed25519")
    void roundTrip(String body) {
        List<DkimOutcome> results = verify(sign(HEADER + body));

        assertThat(results).hasSize(2).allMatch(DkimOutcome::passed, "passed");
        assertThat(results).extracting(DkimOutcome::domain).containsOnly("football.example.com");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Doe, Alice <alice@football.example.com>",
                "Doe; Alice <alice@football.example.com>",
                "Dr. A. Doe (home) <alice @ football.example.com>",
                "alice@FOOTBALL.example.com. (x)",
                "<mailto:alice@football.example.com>",
                "alice@football.example.com, bob@elsewhere.test",
                "bob@elsewhere.test, alice@football.example.com"
            })
    @DisplayName("However our users write From, their mail is signed")
    void signsEveryForm(String from) {
        String message = HEADER.replaceAll("(?m)^From:.*$", "From: " + from) + "\r\nHi\r\n";
        assertThat(message).contains("From: " + from);
        assertThat(verify(sign(message))).hasSize(2).allMatch(DkimOutcome::passed, "passed");
    }

    @Test
    @DisplayName("Why a message is not signed is told")
    void tellsWhyNot() {
        assertThat(problem("To: a@b\r\n\r\n")).isEqualTo("no From field");
        assertThat(problem("From: a@football.example.com\r\nFrom: b@football.example.com\r\n\r\n"))
                .isEqualTo("several From fields");
        assertThat(problem("From: <>\r\n\r\n")).isEqualTo("no address with a domain in From");
        assertThat(problem("From: a@other.test\r\n\r\n")).isEqualTo("no key for other.test");
        assertThat(problem("X: " + "y".repeat(600_000) + "\r\nFrom: a@football.example.com\r\n\r\n"))
                .isEqualTo("the header is too large");
    }

    private @Nullable String problem(String message) {
        DkimSigner.Scan scan = new DkimSigner(keys, InstantSource.fixed(NOW)).begin();
        scan.feed(Unpooled.wrappedBuffer(octets(message)));
        DkimSigner.Signed signed = scan.sign("");
        assertThat(signed.fields()).isEmpty();
        return signed.problem();
    }

    @Test
    @DisplayName("A key folder in Unicode or ASCII signs for both forms of the domain")
    void internationalizedDomain() throws Exception {
        keys.generate("b\u00FCcher.example", NOW);
        assertThat(keys.signing("xn--bcher-kva.example")).hasSize(2);
        assertThat(keys.signing("b\u00FCcher.example"))
                .extracting(DkimKey::domain)
                .containsOnly("xn--bcher-kva.example");
    }

    @Test
    @DisplayName("Many false signatures do not crowd the author's out, and of a huge header nothing is taken for good")
    void crowding() {
        String signed = sign(HEADER + "\r\nHi\r\n");
        StringBuilder crowd = new StringBuilder();
        for (int i = 0; i < 50; i++) {
            crowd.append("DKIM-Signature: v=1; a=rsa-sha256; d=evil")
                    .append(i)
                    .append(".test; s=s; h=from; bh=YQ==; b=YQ==\r\n");
            crowd.append("DKIM-Signature: v=1; a=rsa-sha256; d=football.example.com; s=s; h=to; bh=YQ==; b=YQ==\r\n");
            crowd.append("DKIM-Signature: v=1; a=rsa-sha256; d=x")
                    .append(i)
                    .append(".example.com; s=s; h=from; bh=YQ==; b=YQ==\r\n");
        }
        List<DkimOutcome> results = verify(crowd + signed);
        assertThat(results).hasSizeLessThanOrEqualTo(20);
        assertThat(results.stream().filter(DkimOutcome::passed)).hasSize(2);
        assertThat(verify(signed.replace("To: a@b", "X: " + "y".repeat(600_000) + "\r\nTo: a@b")))
                .extracting(DkimOutcome::result)
                .containsExactly(DkimResult.POLICY);
    }

    @Test
    @DisplayName("A signature keeps its result whatever becomes of the others")
    void eachItsOwn() {
        String signed = sign(HEADER + "\r\nHi\r\n");
        dns.silent.add("s._domainkey.silent.test");
        DkimVerifier.Scan scan = new DkimVerifier(dns, Runnable::run, InstantSource.fixed(NOW), 10).begin(false);
        scan.feed(Unpooled.wrappedBuffer(
                octets("DKIM-Signature: v=1; a=rsa-sha256; d=silent.test; s=s; h=from; bh=YQ==; b=YQ==\r\n" + signed)));
        assertThat(scan.finish(Duration.ofMillis(50)).toCompletableFuture().join())
                .extracting(DkimOutcome::result)
                .containsExactlyInAnyOrder(DkimResult.PASS, DkimResult.PASS, DkimResult.TEMPERROR);
    }

    @Test
    void relaxedFormsForgiveWhatServersDo() {
        String signed = sign(HEADER + "\r\nHi  there \r\n\r\n");
        String changed = signed.replace("Subject: Is  dinner\r\n\tready?", "SUBJECT:   Is dinner ready?")
                .replace("Hi  there \r\n\r\n", "Hi there\r\n");

        assertThat(verify(changed)).hasSize(2).allMatch(DkimOutcome::passed);
    }

    @Test
    void findsChanges() {
        String signed = sign(HEADER + "\r\nHi\r\n");

        assertThat(verify(signed.replace("Hi", "Ho")))
                .extracting(DkimOutcome::result)
                .containsOnly(DkimResult.FAIL);
        assertThat(verify(signed.replace("dinner", "lunch")))
                .extracting(DkimOutcome::result)
                .containsOnly(DkimResult.FAIL);
        // Oversigned: nobody can add a From.
        assertThat(verify(signed.replace("To: a@b", "From: mallory@evil.example\r\nTo: a@b")))
                .extracting(DkimOutcome::result)
                .containsOnly(DkimResult.FAIL);
    }

    @Test
    void tellsErrorsApart() {
        String signed = sign(HEADER + "\r\nHi\r\n");
        Map<String, String> good = new HashMap<>(dns.records);
        dns.records.replaceAll((name, record) -> record.replaceAll("p=.*", "p="));
        assertThat(verify(signed)).extracting(DkimOutcome::reason).containsOnly("key revoked");
        dns.records.clear();
        assertThat(verify(signed)).extracting(DkimOutcome::result).containsOnly(DkimResult.PERMERROR);
        dns.broken = true;
        assertThat(verify(signed)).extracting(DkimOutcome::result).containsOnly(DkimResult.TEMPERROR);
        dns.broken = false;
        dns.records.putAll(good);
        assertThat(verify(signed.replace("v=1;", "v=2;")))
                .extracting(DkimOutcome::result)
                .containsOnly(DkimResult.PERMERROR);
        assertThat(verify(signed.replace("rsa-sha256", "rsa-sha1")))
                .extracting(DkimOutcome::result)
                .contains(DkimResult.PERMERROR, DkimResult.PASS);
        assertThat(verify(HEADER + "\r\nHi\r\n")).isEmpty();
    }

    @Test
    @DisplayName("RFC 8463, A: the example verifies")
    void example() {
        dns.records.put(
                "brisbane._domainkey.football.example.com",
                "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
        String message = "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
                + " d=football.example.com; i=@football.example.com;\r\n"
                + " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
                + " subject : date : message-id : from : subject : date;\r\n"
                + " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
                + " b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n"
                + " Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n"
                + "From: Joe SixPack <joe@football.example.com>\r\n"
                + "To: Suzie Q <suzie@shopping.example.net>\r\n"
                + "Subject: Is dinner ready?\r\n"
                + "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
                + "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
                + "\r\nHi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";

        assertThat(verify(message)).singleElement().matches(DkimOutcome::passed);
    }

    @Test
    void keysAreForTheirOwnerAlone() throws Exception {
        try (var files = Files.walk(folder.resolve("dkim"))) {
            files.filter(Files::isRegularFile)
                    .forEach(file -> assertThat(modes(file)).isEqualTo("rw-------"));
        }
        assertThat(new DkimKeys(folder.resolve("dkim"), InstantSource.fixed(NOW)).signing("football.example.com"))
                .hasSize(2);
        keys.generate("football.example.com", NOW.plus(Duration.ofDays(2)));
        assertThat(keys.all()).hasSize(4);
        assertThat(keys.signing("football.example.com"))
                .allMatch(key -> key.activeFrom().equals(NOW));
    }

    @Test
    void waitingKeysSignOnlyAfterTheirActivation() throws Exception {
        InstantSource later = InstantSource.fixed(NOW.plusSeconds(60));
        DkimKeys running = new DkimKeys(folder.resolve("dkim"), later);
        DkimKeys command = new DkimKeys(folder.resolve("dkim"), later);
        List<DkimKey> made = command.generateWaiting("football.example.com", NOW);
        assertThat(made).hasSize(2).allMatch(DkimKey::waiting);
        assertThat(running.hasNewWaiting()).isTrue();
        running.reload();
        assertThat(running.hasNewWaiting()).isFalse();
        assertThat(running.signing("football.example.com"))
                .hasSize(2)
                .allMatch(key -> key.activeFrom().equals(NOW) && !key.waiting());

        for (DkimKey key : made) {
            assertThat(key.isPublishedIn(
                            List.of("v=DKIM1; p=other", key.dnsRecord().replace("; ", ";"))))
                    .isTrue();
            assertThat(key.isPublishedIn(List.of("v=DKIM1; p="))).isFalse();
            assertThat(running.activate(key)).isEqualTo(later.instant());
        }
        assertThat(running.signing("football.example.com"))
                .extracting(DkimKey::selector)
                .containsExactlyInAnyOrderElementsOf(
                        made.stream().map(DkimKey::selector).toList());
        assertThat(running.activate(made.get(0))).isEqualTo(later.instant());
    }

    private static String modes(Path file) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        } catch (java.io.IOException e) {
            return e.toString();
        }
    }

    /** TXT records only. */
}
