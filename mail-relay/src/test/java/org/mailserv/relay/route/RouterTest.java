package org.mailserv.relay.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.mailserv.relay.config.TlsPolicy;
import org.mailserv.relay.testing.FakeDns;

class RouterTest {
    private static final String DOMAIN = "dest.test";

    private final FakeDns dns = new FakeDns();

    private Destination find(int maxHosts) {
        OwnAddresses own =
                new OwnAddresses("us.test", () -> List.of(new InetSocketAddress("192.0.2.99", 25)), List.of());
        return new Router(dns, own, false, maxHosts, new Random(1), HostTrust.NONE)
                .find(DOMAIN, new Route(null, 25, TlsPolicy.MAY, false, false, null))
                .toCompletableFuture()
                .join();
    }

    private List<String> hosts(int maxHosts) {
        Destination found = find(maxHosts);
        assertThat(found).isInstanceOf(Destination.Hosts.class);
        return ((Destination.Hosts) found)
                .hosts().stream().map(Destination.Host::name).toList();
    }

    private String none() {
        Destination found = find(10);
        assertThat(found).isInstanceOf(Destination.None.class);
        return ((Destination.None) found).status().toString();
    }

    @Test
    void only_a_single_record_is_a_null_mx() {
        dns.mx(DOMAIN, 0, "");
        assertThat(none()).isEqualTo("5.1.10");

        dns.mx(DOMAIN, 10, "mx.dest.test").host("mx.dest.test", "192.0.2.1");
        assertThat(hosts(10)).containsExactly("mx.dest.test");
    }

    @Test
    void the_root_with_another_preference_is_a_host_without_an_address() {
        dns.mx(DOMAIN, 10, "").host(DOMAIN, "192.0.2.1");
        assertThat(none()).isEqualTo("5.1.2");

        dns.mx(DOMAIN, 20, "mx.dest.test").broken("mx.dest.test", true);
        assertThat(none()).isEqualTo("4.4.3");
    }

    @Test
    void hosts_are_counted_when_their_addresses_are_known() {
        for (int i = 0; i < 30; i++) {
            dns.mx(DOMAIN, i, "gone" + i + ".test");
        }
        dns.mx(DOMAIN, 30, "mx1.test").host("mx1.test", "192.0.2.1");
        dns.mx(DOMAIN, 31, "mx2.test").host("mx2.test", "192.0.2.2");
        dns.mx(DOMAIN, 32, "mx3.test").host("mx3.test", "192.0.2.3");
        assertThat(hosts(2)).containsExactly("mx1.test", "mx2.test");
    }

    @Test
    void a_host_that_is_named_twice_has_its_better_preference() {
        dns.mx(DOMAIN, 30, "mx1.test").mx(DOMAIN, 20, "mx2.test").mx(DOMAIN, 10, "mx1.test");
        dns.host("mx1.test", "192.0.2.1").host("mx2.test", "192.0.2.2");
        assertThat(hosts(10)).containsExactly("mx1.test", "mx2.test");
    }

    @Test
    void look_ups_for_one_domain_are_bounded_and_their_end_proves_nothing() {
        for (int i = 0; i < 300; i++) {
            dns.mx(DOMAIN, 10, "gone" + i + ".test");
        }
        assertThat(none()).isEqualTo("4.4.3");
        assertThat(dns.lookUps()).isLessThanOrEqualTo(101);
    }

    @Test
    void only_targets_that_are_proved_not_to_exist_send_mail_back() {
        dns.mx(DOMAIN, 10, "gone1.test").mx(DOMAIN, 20, "gone2.test");
        assertThat(none()).isEqualTo("5.1.2");

        dns.broken("gone2.test", true);
        assertThat(none()).isEqualTo("4.4.3");
    }

    @Test
    void a_better_host_that_the_dns_does_not_tell_of_now_makes_no_loop() {
        dns.mx(DOMAIN, 10, "mx.test").broken("mx.test", true).mx(DOMAIN, 20, "us.test");
        assertThat(none()).isEqualTo("4.4.3");

        dns.broken("mx.test", false);
        assertThat(none()).isEqualTo("5.4.6");
    }

    @Test
    void hosts_that_are_no_better_than_ourselves_are_not_used() {
        dns.mx(DOMAIN, 10, "mx1.test").host("mx1.test", "192.0.2.1");
        for (int i = 0; i < 20; i++) {
            dns.mx(DOMAIN, 20, "equal" + i + ".test").host("equal" + i + ".test", "192.0.2.2");
        }
        dns.mx(DOMAIN, 20, "alias-of-us.test").host("alias-of-us.test", "192.0.2.99");
        assertThat(hosts(5)).containsExactly("mx1.test");
    }

    @Test
    void a_target_may_be_an_address_or_have_ipv6_only() {
        dns.mx(DOMAIN, 10, "192.0.2.1").mx(DOMAIN, 20, "six.test").host("six.test", "2001:db8::1");
        assertThat(hosts(10)).containsExactly("192.0.2.1", "six.test");
    }
}
