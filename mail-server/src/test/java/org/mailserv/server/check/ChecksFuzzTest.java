package org.mailserv.server.check;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.server.check.dkim.DkimKeys;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.report.Observations;
import org.mailserv.server.testing.FakeDns;

/** Whatever a message or a record in the DNS says: there is a verdict, and its fields are fields. */
class ChecksFuzzTest {
    private static final String MESSAGE =
            "From: a@b.test\r\nDKIM-Signature: v=1; a=rsa-sha256; d=b.test; s=s; h=from; bh=x; b=y\r\n"
                    + "ARC-Seal: i=1; a=rsa-sha256; cv=none; d=b.test; s=s; b=y\r\n"
                    + "ARC-Message-Signature: i=1; a=rsa-sha256; d=b.test; s=s; h=from; bh=x; b=y\r\n"
                    + "ARC-Authentication-Results: i=1; b.test; none\r\n\r\nbody\r\n";

    private static void judge(FakeDns dns, byte[] message, String from) throws Exception {
        MessageChecks checks = StandardChecks.chain(
                List.of(),
                new StandardChecks.Parts(
                        new ChecksConfigBuilder().build(),
                        "mx.test",
                        dns,
                        keys(),
                        Runnable::run,
                        Observations.NONE,
                        InstantSource.system(),
                        MailEvents.NONE),
                List.of());
        MessageChecks.Inspection inspection = checks.begin(new MessageChecks.Facts(
                FakeDns.address("192.0.2.7"), "helo.test", new ReversePath(new Address(from, "b.test")), false));
        assertThat(inspection).isNotNull();
        for (int at = 0; at < message.length; at += 17) {
            ByteBuf piece = Unpooled.copiedBuffer(message, at, Math.min(17, message.length - at));
            inspection.feed(piece);
            inspection.filter(piece).release();
        }
        inspection.rest().release();
        MessageChecks.Verdict verdict =
                inspection.finish("").toCompletableFuture().get(20, TimeUnit.SECONDS);
        for (String line : verdict.fields().split("\r\n", -1)) {
            assertThat(line).matches("|\t[ -~]+|Authentication-Results: [ -~]+|X-Spam-Flag: YES");
        }
    }

    private static DkimKeys keys() throws IOException {
        return new DkimKeys(Path.of("no-keys"), InstantSource.system());
    }

    @FuzzTest(maxDuration = "2m")
    void message(byte[] data) throws Exception {
        judge(new FakeDns(), data, "a");
    }

    @FuzzTest(maxDuration = "2m")
    void records(byte[] data) throws Exception {
        String text = new String(data, StandardCharsets.ISO_8859_1);
        FakeDns dns = new FakeDns()
                .withTxt("b.test", text)
                .withTxt("b.test", "v=spf1 " + text)
                .withTxt("_dmarc.b.test", "v=DMARC1; p=reject; " + text)
                .withTxt("s._domainkey.b.test", text);
        judge(dns, MESSAGE.getBytes(StandardCharsets.ISO_8859_1), "a");
        FakeDns plain = new FakeDns().withTxt("b.test", text).withTxt("_dmarc.b.test", text);
        judge(plain, MESSAGE.getBytes(StandardCharsets.ISO_8859_1), "a");
    }
}
