package org.mailserv.relay.trust;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mailserv.relay.smtp.TlsaRecords;
import org.mailserv.server.dns.Dns.TlsaRecord;
import org.mailserv.server.dns.DnsAnswer;

/** Whatever a domain says of its own TLS: it is read or refused, and nothing of it ends a line of the log. */
class TrustFuzzTest {
    @FuzzTest(maxDuration = "2m")
    void policy(byte[] data) {
        String text = new String(data, StandardCharsets.UTF_8);
        StsPolicy policy;
        try {
            policy = StsPolicy.parse(text);
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).matches("[ -~]*");
            return;
        }
        assertThat(policy.maxAge()).isBetween(Duration.ZERO, Duration.ofSeconds(31_557_600));
        assertThat(policy.mx()).allMatch(name -> name.matches("(\\*\\.)?[a-z0-9_.-]+"));
        for (String name : policy.mx()) {
            if (!name.startsWith("*")) {
                assertThat(policy.names(name)).isTrue();
            }
        }
        assertThat(policy.names("")).isFalse();
    }

    @FuzzTest(maxDuration = "2m")
    void record(byte[] data) {
        String text = new String(data, StandardCharsets.UTF_8);
        int half = text.length() / 2;
        for (List<String> records :
                List.of(List.of(text), List.of(text.substring(0, half), text.substring(half)), List.of(text, text))) {
            String id = StsPolicies.idOf(new DnsAnswer.Found<>(records, false, Duration.ZERO));
            assertThat(id == null || id.matches("[A-Za-z0-9]{1,32}")).isTrue();
        }
    }

    @FuzzTest(maxDuration = "2m")
    void tlsa(byte[] data) {
        if (data.length < 3) {
            return;
        }
        TlsaRecord record = new TlsaRecord(
                data[0] & 0xFF, data[1] & 0xFF, data[2] & 0xFF, Arrays.copyOfRange(data, 3, data.length));
        // RFC 7672, 3.1: what nobody may use is as good as absent.
        boolean known =
                (record.usage() == 2 || record.usage() == 3) && record.selector() < 2 && record.matchingType() < 3;
        assertThat(!TlsaRecords.usable(List.of(record)).isEmpty() && !known).isFalse();
    }

    @Test
    void theTargetsReadWhatIsRight() {
        StsPolicy policy =
                StsPolicy.parse("version: STSv1\nmode: enforce\nmx: *.far.test\nmx: a\rb\u001b[2J\nmax_age: 1\n");
        assertThat(policy.mx()).containsExactly("*.far.test");
        assertThat(StsPolicies.idOf(new DnsAnswer.Found<>(List.of("v=STSv1; id=1;"), false, Duration.ZERO)))
                .isEqualTo("1");
        assertThat(TlsaRecords.usable(List.of(new TlsaRecord(3, 1, 1, new byte[32]))))
                .hasSize(1);
    }
}
