package org.mailserv.server.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.security.cert.CertificateExpiredException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Durations, addresses and failures as people read them. */
class TextTest {
    @ParameterizedTest
    @CsvSource({
        "PT0S, 0 ms",
        "PT0.35S, 350 ms",
        "PT1M1.7S, 1 min 2 s",
        "PT59.9S, 1 min",
        "PT1H, 1 h",
        "PT25H, 1 d 1 h",
        "P5D, 5 d",
        "PT-90S, -1 min 30 s",
    })
    void durations(Duration time, String text) {
        assertThat(Durations.text(time)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"90s, PT90S", "15 min, PT15M", "1h30m, PT90M", "2 days, P2D", "1w, P7D", "0s, PT0S"})
    void ages(String text, Duration time) {
        assertThat(Durations.parse(text)).isEqualTo(time);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "5", "5 parsecs", "-1h", "1h x", "1h-"})
    void noAges(String text) {
        assertThat(Durations.parse(text)).isNull();
    }

    @Test
    void addresses() throws IOException {
        InetAddress named = InetAddress.getByAddress("mx.test", new byte[] {127, 0, 0, 1});
        assertThat(Addresses.text(new InetSocketAddress(named, 25))).isEqualTo("127.0.0.1:25");
        assertThat(Addresses.text(new InetSocketAddress(InetAddress.getByName("2001:db8:0:0:1:0:0:1"), 25)))
                .isEqualTo("[2001:db8::1:0:0:1]:25");
        assertThat(Addresses.text(new InetSocketAddress("::", 25))).isEqualTo("[::]:25");
        assertThat(Addresses.text(InetSocketAddress.createUnresolved("mx.test", 25)))
                .isEqualTo("mx.test:25");
    }

    @Test
    void failures() {
        assertThat(Failures.text(new CompletionException(new NoSuchFileException("/data/x"))))
                .isEqualTo("/data/x: no such file or folder");
        assertThat(Failures.text(new AccessDeniedException("/data/x"))).isEqualTo("/data/x: permission denied");
        assertThat(Failures.text(new ConnectException("Connection refused: /127.0.0.1:25")))
                .isEqualTo("Connection refused: 127.0.0.1:25");
        assertThat(Failures.text(new ConnectException("connection timed out: mx.test/192.0.2.1:25")))
                .contains("192.0.2.1:25");
        assertThat(Failures.text(new SSLHandshakeException(
                        "PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable"
                                + " to find valid certification path to requested target")))
                .isEqualTo("the certificate is not trusted: no known authority signed it, or its chain is incomplete");
        IOException expired = new IOException("handshake", new CertificateExpiredException("NotAfter: ..."));
        assertThat(Failures.text(expired)).isEqualTo("the certificate has expired and must be renewed");
        assertThat(Failures.text(new IllegalStateException())).isEqualTo("illegal state");
        assertThat(Failures.text(new RuntimeException(new IOException("disk failed"))))
                .isEqualTo("disk failed");
        assertThat(Failures.text(new IOException("one\r\ntwo"))).isEqualTo("one two");
        assertThat(Failures.text(null)).isEqualTo("unknown reason");
    }
}
