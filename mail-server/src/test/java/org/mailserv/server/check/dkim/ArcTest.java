package org.mailserv.server.check.dkim;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.server.testing.ForeignPrograms;

class ArcTest {
    private static final Instant NOW = Instant.parse("2026-11-21T00:00:00Z");
    private static final String MESSAGE = "From: Joe <joe@far.example>\r\nTo: a@b.example\r\n"
            + "Subject: Is  dinner\r\n\tready?\r\nDate: Fri, 20 Nov 2026 21:00:37 -0700\r\n\r\nHi  there \r\n\r\n";
    private static final String RESULTS = "mx.example.org;\r\n\tspf=pass smtp.mailfrom=far.example";

    @TempDir
    Path folder;

    private final TxtDns dns = new TxtDns();
    private DkimKeys keys;

    @BeforeEach
    void makeKeys() throws Exception {
        keys = new DkimKeys(folder.resolve("dkim"), InstantSource.fixed(NOW));
        for (DkimKey key : keys.generate("example.org", NOW)) {
            dns.records.put(key.selector() + "._domainkey.example.org", key.dnsRecord());
        }
    }

    private record Seen(ArcOutcome result, String sealed) {}

    /** What a server that forwards finds, and what it sends on. */
    private Seen forward(String message) {
        DkimVerifier.Scan scan = new DkimVerifier(dns, Runnable::run, InstantSource.fixed(NOW), 10).begin(true);
        for (byte octet : message.getBytes(StandardCharsets.ISO_8859_1)) {
            scan.feed(Unpooled.wrappedBuffer(new byte[] {octet}));
        }
        scan.finish(Duration.ofSeconds(30)).toCompletableFuture().join();
        ArcOutcome result = scan.arc().toCompletableFuture().join();
        String set = new ArcSealer(keys, InstantSource.fixed(NOW)).seal("example.org", scan, result, RESULTS);
        return new Seen(result, set + message);
    }

    private String forwarded(int times) {
        String message = MESSAGE;
        for (int i = 0; i < times; i++) {
            message = forward(message).sealed();
        }
        return message;
    }

    @Test
    @DisplayName("U2: a chain of seals verifies at each step, and a message without one has none")
    void chains() {
        assertThat(forward(MESSAGE).result()).isEqualTo(ArcOutcome.NONE);
        for (int i = 1; i <= 4; i++) {
            assertThat(forward(forwarded(i)).result()).isEqualTo(new ArcOutcome(ArcResult.PASS, "", i));
        }
        assertThat(forwarded(2)).contains("cv=none").contains("cv=pass").startsWith("ARC-Seal: i=2;");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Hi  there/Hi  here",
                "Subject: Is/Subject: Was",
                "spf=pass/spf=fail",
                "i=2; a=rsa/i=3; a=rsa",
                "cv=none/cv=pass",
                "ARC-Message-Signature: i=1/X-Gone: i=1",
                "d=example.org/d=other.example"
            })
    @DisplayName(
            "U2: whatever is changed in a sealed message breaks its chain, and the next seal says so; then nobody seals")
    void changesBreakTheChain(String change) {
        String[] parts = change.split("/");
        Seen seen = forward(forwarded(2).replace(parts[0], parts[1]));
        assertThat(seen.result().result()).isEqualTo(ArcResult.FAIL);
        if (seen.sealed().contains("cv=fail")) {
            Seen next = forward(seen.sealed());
            assertThat(next.result().result()).isEqualTo(ArcResult.FAIL);
            assertThat(next.sealed()).isEqualTo(seen.sealed());
        }
    }

    @Test
    @DisplayName("U2: a DNS that fails for now is no failure of the chain, and no seal is put upon it")
    void temporaryErrors() {
        String message = forwarded(1);
        dns.records.clear();
        dns.broken = true;
        Seen seen = forward(message);
        assertThat(seen.result().result()).isEqualTo(ArcResult.TEMPERROR);
        assertThat(seen.sealed()).isEqualTo(message);
    }

    @Test
    @DisplayName("U2: hostile chains end in a verdict")
    void hostileChains() {
        StringBuilder many = new StringBuilder();
        for (int i = 1; i <= 60; i++) {
            many.append("ARC-Seal: i=").append(i).append("; cv=pass; b=x\r\n");
        }
        assertThat(forward(many + MESSAGE).result().result()).isEqualTo(ArcResult.FAIL);
        assertThat(forward("ARC-Seal: i=0\r\n" + MESSAGE).result().result()).isEqualTo(ArcResult.FAIL);
        assertThat(forward("ARC-Seal:\r\n" + MESSAGE).result().result()).isEqualTo(ArcResult.FAIL);
        assertThat(forward("ARC-Seal: i=1; cv=none; b=a;b=c\r\nARC-Message-Signature: i=1\r\n"
                                + "ARC-Authentication-Results: i=1\r\n" + MESSAGE)
                        .result()
                        .result())
                .isEqualTo(ArcResult.FAIL);
    }

    /** Writes what the scripts read: DNS records, the message and a key. */
    private Path place(String message) throws Exception {
        StringBuilder records = new StringBuilder();
        for (Map.Entry<String, String> record : dns.records.entrySet()) {
            records.append(record.getKey())
                    .append(' ')
                    .append(record.getValue())
                    .append('\n');
        }
        Path place = Files.createTempDirectory(folder, "py");
        Files.writeString(place.resolve("dns"), records);
        Files.write(place.resolve("message"), message.getBytes(StandardCharsets.ISO_8859_1));
        Files.writeString(
                place.resolve("key"),
                "-----BEGIN PRIVATE KEY-----\n"
                        + Base64.getMimeEncoder().encodeToString(rsa().key().getEncoded())
                        + "\n-----END PRIVATE KEY-----\n");
        return place;
    }

    private DkimKey rsa() {
        return keys.signing("example.org").stream()
                .filter(key -> key.algorithm().equals("rsa"))
                .findFirst()
                .orElseThrow();
    }

    private String python(String script, String message) throws Exception {
        List<String> command =
                List.of(ForeignPrograms.PYTHON, "-c", script, place(message).toString(), rsa().selector());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    private static final String PRELUDE = """
            import dkim, os, sys
            place = sys.argv[1]
            dns = dict(line.split(" ", 1) for line in open(place + "/dns").read().splitlines())
            def txt(name, timeout=5):
                return dns.get(name.decode().rstrip("."), "").encode() or None
            message = open(place + "/message", "rb").read()
            """;

    private static final String SEAL = """
            results = b"Authentication-Results: far.example; spf=pass\\r\\n"
            lines = dkim.arc_sign(results + message, sys.argv[2].encode(), b"example.org",
                open(place + "/key", "rb").read(), b"far.example")
            """;

    /** Skips the test unless dkimpy seals a message and verifies its own seal; it needs authres for that, which it can be installed without. */
    private void assumeDkimpySeals() throws Exception {
        Path place = place(MESSAGE);
        ForeignPrograms.assumePython("ARC by dkimpy", PRELUDE + SEAL + """
                assert dkim.arc_verify(b"".join(lines) + results + message, dnsfunc=txt)[0] == b"pass"
                """, place.toString(), rsa().selector());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    @DisplayName("U2: dkimpy verifies our seals")
    void dkimpyVerifies(int times) throws Exception {
        assumeDkimpySeals();
        assertThat(python(PRELUDE + """
                cv, results, reason = dkim.arc_verify(message, dnsfunc=txt)
                print(cv.decode(), reason)
                """, forwarded(times))).startsWith("pass");
    }

    @Test
    @DisplayName("U2: we verify a seal of dkimpy, and put ours upon it, which dkimpy verifies")
    void verifiesDkimpy() throws Exception {
        assumeDkimpySeals();
        String sealed =
                python(PRELUDE + SEAL + "sys.stdout.buffer.write(b\"\".join(lines) + results + message)\n", MESSAGE);
        Seen seen = forward(sealed);
        assertThat(seen.result()).isEqualTo(new ArcOutcome(ArcResult.PASS, "", 1));
        assertThat(python(PRELUDE + "print(dkim.arc_verify(message, dnsfunc=txt)[0].decode())", seen.sealed()))
                .startsWith("pass");
    }
}
