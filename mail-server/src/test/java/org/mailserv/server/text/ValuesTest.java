package org.mailserv.server.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Settings and look-ups, and failures of TLS, as people read them. */
class ValuesTest {
    private record Domain(@Nullable String path, List<String> users, Map<String, Integer> limits) {}

    private record Login(String user, String userPassword, Duration patience) {}

    private record Mx(int preference, String exchange) {
        @Override
        public String toString() {
            return preference + " " + exchange;
        }
    }

    @Test
    void simpleValues() {
        assertThat(Values.text(null)).isEqualTo("(none)");
        assertThat(Values.text(Duration.ofMillis(61_700))).isEqualTo("1 min 2 s");
        assertThat(Values.text(new InetSocketAddress("127.0.0.1", 25))).isEqualTo("127.0.0.1:25");
        assertThat(Values.text(TimeUnit.NANOSECONDS)).isEqualTo("nanoseconds");
        assertThat(Values.text(Optional.empty())).isEqualTo("(none)");
        assertThat(Values.text("a\r\nb")).isEqualTo("a b");
    }

    @Test
    void collectionsAndRecords() {
        assertThat(Values.text(List.of())).isEqualTo("(none)");
        assertThat(Values.text(List.of(new Mx(2, "mx.test"), new Mx(9, "b.test"))))
                .isEqualTo("2 mx.test, 9 b.test");
        assertThat(Values.text(new Domain(null, List.of(), Map.of()))).isEqualTo("(defaults)");
        assertThat(Values.text(new Domain("/data", List.of("joe"), Map.of("day", 5))))
                .isEqualTo("path: /data, users: {joe}, limits: {day: 5}");
        assertThat(Values.text(new Login("joe", "geheim", Duration.ofMinutes(1))))
                .isEqualTo("user: joe, user-password: (hidden), patience: 1 min");
        assertThat(Values.text(Map.of("password", "geheim"))).isEqualTo("password: (hidden)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Received fatal alert: certificate_unknown | does not trust our certificate",
                "error:10000412:SSL routines:OPENSSL_internal:SSLV3_ALERT_HANDSHAKE_FAILURE | no cipher or certificate"
                        + " type",
                "Received fatal alert: handshake_failure | no cipher or certificate type in common",
                "Received fatal alert: protocol_version | no TLS version in common",
                "No appropriate protocol (protocol is disabled or cipher suites are inappropriate) | no TLS version in"
                        + " common",
                "handshake timed out after 30000ms | the TLS handshake took longer than 30 s",
                "No subject alternative DNS name matching mx.b.test found. | the certificate is not for mx.b.test",
                "No subject alternative names matching IP address 192.0.2.7 found | the certificate is not for"
                        + " 192.0.2.7",
                "(certificate_unknown) PKIX path building failed: x | is not trusted",
            })
    void tls(String library, String words) {
        assertThat(Failures.text(new SSLHandshakeException(library)))
                .contains(words)
                .doesNotContain("PKIX", "_unknown");
    }

    @Test
    void systemCalls() {
        assertThat(Failures.plain("finishConnect(..) failed with error(-111): Connection refused: /127.0.0.1:25"))
                .isEqualTo("Connection refused: 127.0.0.1:25");
        assertThat(Failures.plain("connection timed out after 30000 ms: mx.test/192.0.2.1:25"))
                .isEqualTo("connection timed out after 30 s: mx.test/192.0.2.1:25");
    }
}
