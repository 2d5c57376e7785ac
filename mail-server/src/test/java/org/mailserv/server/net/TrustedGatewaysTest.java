package org.mailserv.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TrustedGatewaysTest {
    private final AtomicLong nanos = new AtomicLong();
    private final TrustedGateways gateways = new TrustedGateways(3, nanos::get);

    private static InetAddress address(String text) {
        return NetUtil.createInetAddressFromIpAddressString(text);
    }

    private boolean hosts(String address, String pattern, int count) {
        boolean trusted = true;
        for (int i = 0; i < count; i++) {
            trusted = gateways.isTrusted(address(address), pattern.replace("#", String.valueOf(i)));
        }
        return trusted;
    }

    @Test
    @DisplayName("many hosts behind one private address take the trust from it, and from no other")
    void gateway() {
        assertThat(hosts("172.17.0.1", "mx#.example.org", 3)).isTrue();
        assertThat(gateways.isTrusted(address("172.17.0.1"), "MX0.example.org")).isTrue();
        assertThat(gateways.isTrusted(address("172.17.0.1"), "mx9.example.org")).isFalse();
        assertThat(gateways.isTrusted(address("172.17.0.1"), "mx0.example.org")).isFalse();
        assertThat(gateways.isTrusted(address("172.17.0.2"), "mx0.example.org")).isTrue();
        assertThat(gateways.withdrawn()).containsExactly("172.17.0.1");
        assertThat(hosts("fd00::1", "[198.51.100.#]", 4)).isFalse();
    }

    @Test
    @DisplayName("programs without a public name, public addresses, loopback and slow change are no gateway")
    void honest() {
        assertThat(hosts("10.0.0.1", "container#", 100)).isTrue();
        assertThat(hosts("10.0.0.1", "[172.18.0.#]", 100)).isTrue();
        assertThat(hosts("198.51.100.1", "mx#.example.org", 100)).isTrue();
        assertThat(hosts("127.0.0.1", "mx#.example.org", 100)).isTrue();
        assertThat(hosts("10.0.0.2", "a#.example.org", 3)).isTrue();
        nanos.addAndGet(Duration.ofHours(2).toNanos());
        assertThat(hosts("10.0.0.2", "b#.example.org", 3)).isTrue();
        assertThat(gateways.withdrawn()).isEmpty();
    }
}
