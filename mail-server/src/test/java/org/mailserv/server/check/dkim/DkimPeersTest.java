package org.mailserv.server.check.dkim;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.testing.ForeignPrograms;

/** Signatures in both directions between us and dkimpy, and ours looked at by OpenDKIM, on messages that are hard to sign. */
@Tag("peers")
@Timeout(300)
class DkimPeersTest {
    private static final String HEADER = "From: Joe <joe@football.example.com>\r\nTo: a@b.example\r\n"
            + "Subject: Is  dinner\r\n\tready?\r\nDate: Fri, 20 Nov 2026 21:00:37 -0700\r\n";
    private static final List<String> BODIES = List.of(
            "",
            "\r\n",
            "\r\n\r\n\r\n",
            "\r\nHi.\r\n\r\nWe lost  the game. \t Are you hungry yet?\r\n\r\nJoe.\r\n",
            "\r\nno end of line",
            "\r\n  \t\r\n\r\nblank lines \r\n \r\n\r\n\r\n",
            "\r\n\u00fc\u00ff\u0080 eight bits\r\n",
            "\r\n" + "0123456789abcdef ".repeat(60) + "\r\n",
            "\r\n" + ("0123456789".repeat(7) + "\r\n").repeat(430_000));

    @TempDir
    Path folder;

    private final TxtDns dns = new TxtDns();
    private DkimKeys keys;

    @BeforeEach
    void makeKeys() throws Exception {
        ForeignPrograms.assumePython(
                "DKIM with both algorithms by dkimpy", "import dkim, nacl.signing; dkim.DKIM, dkim.sign");
        Instant now = Instant.now();
        keys = new DkimKeys(folder.resolve("dkim"), InstantSource.fixed(now));
        StringBuilder records = new StringBuilder();
        for (DkimKey key : keys.generate("football.example.com", now)) {
            dns.records.put(key.selector() + "._domainkey.football.example.com", key.dnsRecord());
            if (key.algorithm().equals("rsa")) {
                Files.writeString(
                        folder.resolve("key"),
                        "-----BEGIN PRIVATE KEY-----\n"
                                + Base64.getMimeEncoder()
                                        .encodeToString(key.key().getEncoded())
                                + "\n-----END PRIVATE KEY-----\n");
                Files.writeString(folder.resolve("selector"), key.selector());
            }
        }
        for (Map.Entry<String, String> record : dns.records.entrySet()) {
            records.append(record.getKey())
                    .append(' ')
                    .append(record.getValue())
                    .append('\n');
        }
        Files.writeString(folder.resolve("dns"), records);
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private String sign(String message) {
        DkimSigner.Scan scan = new DkimSigner(keys, InstantSource.system()).begin();
        scan.feed(Unpooled.wrappedBuffer(octets(message)));
        return scan.sign("").fields() + message;
    }

    private List<DkimOutcome> verify(byte[] message) {
        DkimVerifier.Scan scan = new DkimVerifier(dns, Runnable::run, InstantSource.system(), 10).begin(false);
        scan.feed(Unpooled.wrappedBuffer(message));
        return scan.finish(Duration.ofSeconds(30)).toCompletableFuture().join();
    }

    private byte[] python(String script, byte[] message) throws Exception {
        Files.write(folder.resolve("message"), message);
        Process process = new ProcessBuilder(ForeignPrograms.PYTHON, "-c", """
                import dkim, sys
                place = sys.argv[1]
                dns = dict(line.split(" ", 1) for line in open(place + "/dns").read().splitlines())
                def txt(name, timeout=5):
                    return dns.get(name.decode().rstrip("."), "").encode() or None
                message = open(place + "/message", "rb").read()
                """ + script, folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        byte[] output = process.getInputStream().readAllBytes();
        assertThat(process.waitFor()).isZero();
        return output;
    }

    @Test
    @DisplayName("U2: dkimpy verifies what we sign, with both algorithms")
    void dkimpyVerifies() throws Exception {
        for (String body : BODIES) {
            String signed = sign(HEADER + body);
            String said = new String(python("""
                    d = dkim.DKIM(message)
                    print(d.verify(idx=0, dnsfunc=txt), d.verify(idx=1, dnsfunc=txt))
                    """, octets(signed)), StandardCharsets.US_ASCII);
            assertThat(said.strip())
                    .as(body.substring(0, Math.min(60, body.length())))
                    .isEqualTo("True True");
        }
    }

    @Test
    @DisplayName("U2: we verify what dkimpy signs, in all four canonicalizations")
    void verifiesDkimpy() throws Exception {
        for (String body : BODIES) {
            for (String form : List.of("simple", "relaxed")) {
                for (String bodyForm : List.of("simple", "relaxed")) {
                    byte[] field = python("""
                            sys.stdout.buffer.write(dkim.sign(message, open(place + "/selector").read().encode(),
                                b"football.example.com", open(place + "/key", "rb").read(),
                                canonicalize=(b"%s", b"%s")))
                            """.formatted(form, bodyForm), octets(HEADER + body));
                    ByteArrayOutputStream signed = new ByteArrayOutputStream();
                    signed.writeBytes(field);
                    signed.writeBytes(octets(HEADER + body));
                    assertThat(verify(signed.toByteArray()))
                            .as(form + "/" + bodyForm + " " + body.substring(0, Math.min(60, body.length())))
                            .hasSize(1)
                            .allMatch(DkimOutcome::passed);
                }
            }
        }
    }

    @Test
    @DisplayName("U2: OpenDKIM reads our key and verifies what we sign with it")
    void openDkim() throws Exception {
        ForeignPrograms.assumeAble("OpenDKIM with a test mode", "OpenDKIM Filter v2", "/usr/sbin/opendkim", "-V");
        StringBuilder file = new StringBuilder();
        for (Map.Entry<String, String> record : dns.records.entrySet()) {
            file.append(record.getKey()).append(' ').append(record.getValue()).append('\n');
        }
        Files.writeString(folder.resolve("keyfile"), file);
        Files.writeString(
                folder.resolve("opendkim.conf"), "TestPublicKeys " + folder.resolve("keyfile") + "\nMode v\n");
        for (String body : BODIES.subList(0, 8)) {
            if (!body.endsWith("\r\n")) {
                // Its test mode does not read such a file.
                continue;
            }
            Path message = folder.resolve("message.eml");
            Files.write(message, octets(sign(HEADER + body)));
            List<String> command = new ArrayList<>(List.of(
                    "/usr/sbin/opendkim",
                    "-x",
                    folder.resolve("opendkim.conf").toString(),
                    "-t",
                    message.toString(),
                    "-v"));
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            process.waitFor();
            assertThat(said)
                    .as(body.substring(0, Math.min(60, body.length())))
                    .contains("verification (s=")
                    .contains("succeeded");
        }
    }
}
