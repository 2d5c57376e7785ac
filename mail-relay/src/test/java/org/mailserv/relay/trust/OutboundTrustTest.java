package org.mailserv.relay.trust;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mailserv.relay.config.TlsPolicy;
import org.mailserv.relay.route.Destination;
import org.mailserv.relay.route.OwnAddresses;
import org.mailserv.relay.route.Route;
import org.mailserv.relay.route.Router;
import org.mailserv.relay.route.TlsDemand;
import org.mailserv.server.dns.resolver.DnsConfig;
import org.mailserv.server.dns.resolver.NettyDns;
import org.mailserv.server.net.EventLoops;
import org.mailserv.server.testing.ScriptedDnsServer;
import org.mailserv.server.testing.ScriptedDnsServer.Trouble;

/** Which TLSA records are looked up and when they count. RFC 7672, 2.2. */
@Timeout(60)
class OutboundTrustTest {
    private final EventLoops loops = new EventLoops(EventLoops.Transport.NIO, 1);
    private ScriptedDnsServer server;
    private NettyDns dns;

    @BeforeEach
    void start() throws IOException {
        server = new ScriptedDnsServer().mx("dest.test", 10, "mx.dest.test").host("mx.dest.test", "192.0.2.1");
        server.setAuthenticated(true);
        dns = new NettyDns(
                new DnsConfig(
                        List.of(server.address()),
                        Duration.ofSeconds(20),
                        1,
                        100,
                        Duration.ofHours(1),
                        Duration.ofMinutes(10),
                        8,
                        true,
                        false),
                loops.group().next(),
                loops.datagramChannel(),
                loops.clientChannel());
    }

    @AfterEach
    void stop() throws IOException {
        dns.close();
        loops.close();
        server.close();
    }

    /** Publishes a record whose digest is told apart by its octets. */
    private void tlsa(String base, int usage, int mark) {
        byte[] data = new byte[35];
        data[0] = (byte) usage;
        data[1] = 1;
        data[2] = 1;
        data[3] = (byte) mark;
        server.record("_25._tcp." + base, ScriptedDnsServer.TLSA, 300, data);
    }

    private Destination find(String domain, @Nullable String smartHost) throws Exception {
        return new Router(
                        dns,
                        new OwnAddresses("us.test", List::of, List.of()),
                        false,
                        10,
                        new Random(1),
                        new OutboundTrust(dns, true, null))
                .find(domain, new Route(smartHost, 25, TlsPolicy.MAY, false, false, null))
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);
    }

    private List<Destination.Host> hosts() throws Exception {
        Destination found = find("dest.test", null);
        assertThat(found).isInstanceOf(Destination.Hosts.class);
        return ((Destination.Hosts) found).hosts();
    }

    private @Nullable TlsDemand demand() throws Exception {
        return hosts().get(0).demand();
    }

    private static int mark(@Nullable TlsDemand demand) {
        return demand == null ? -1 : demand.tlsa().get(0).data()[0];
    }

    /** Makes mx.dest.test an alias of real.host.test. */
    private void alias() {
        server.forget("mx.dest.test").cname("mx.dest.test", "real.host.test").host("real.host.test", "192.0.2.1");
    }

    @Test
    void records_of_a_host_count_with_its_name_and_the_domain() throws Exception {
        tlsa("mx.dest.test", 3, 1);

        assertThat(mark(demand())).isEqualTo(1);
        assertThat(demand().policy()).isEqualTo(TlsPolicy.MUST);
        assertThat(demand().names()).containsExactly("mx.dest.test", "dest.test");
    }

    @Test
    void of_an_alias_the_expanded_name_goes_first() throws Exception {
        alias();
        tlsa("mx.dest.test", 3, 1);
        tlsa("real.host.test", 3, 2);

        assertThat(mark(demand())).isEqualTo(2);
        assertThat(demand().names()).containsExactly("real.host.test", "dest.test");
    }

    @Test
    void of_an_alias_the_original_name_is_next() throws Exception {
        alias();
        tlsa("mx.dest.test", 3, 1);

        assertThat(mark(demand())).isEqualTo(1);
        assertThat(demand().names()).containsExactly("mx.dest.test", "dest.test");
    }

    @Test
    void a_signed_alias_of_an_unsigned_host_counts_for_itself() throws Exception {
        alias();
        server.insecure("real.host.test");
        tlsa("mx.dest.test", 3, 1);
        tlsa("real.host.test", 3, 2);

        assertThat(mark(demand())).isEqualTo(1);
    }

    @Test
    void an_unsigned_alias_counts_for_nothing() throws Exception {
        alias();
        server.insecure("mx.dest.test");
        tlsa("mx.dest.test", 3, 1);
        tlsa("real.host.test", 3, 2);

        assertThat(demand()).isNull();
    }

    @Test
    void what_cannot_be_looked_up_takes_the_host_out_of_use() throws Exception {
        server.mx("dest.test", 20, "mx2.dest.test").host("mx2.dest.test", "192.0.2.2");
        tlsa("mx2.dest.test", 3, 2);
        server.trouble("_25._tcp.mx.dest.test", Trouble.SERVFAIL);
        assertThat(hosts()).extracting(Destination.Host::name).containsExactly("mx2.dest.test");

        server.trouble("_25._tcp.mx2.dest.test", Trouble.LAME);
        dns.close();
        start();
        server.trouble("_25._tcp.mx.dest.test", Trouble.SERVFAIL);
        Destination none = find("dest.test", null);
        assertThat(none).isInstanceOf(Destination.None.class);
        assertThat(((Destination.None) none).status()).hasToString("4.4.3");
    }

    @Test
    void an_alias_whose_records_cannot_be_looked_up_does_not_fall_back_to_the_original() throws Exception {
        alias();
        tlsa("mx.dest.test", 3, 1);
        server.trouble("_25._tcp.real.host.test", Trouble.SERVFAIL);

        assertThat(find("dest.test", null)).isInstanceOf(Destination.None.class);
    }

    @Test
    void records_none_of_which_can_be_used_mean_encryption_alone() throws Exception {
        tlsa("mx.dest.test", 1, 1);

        assertThat(demand().policy()).isEqualTo(TlsPolicy.MUST);
        assertThat(demand().tlsa()).isEmpty();
    }

    @Test
    void unsigned_parts_of_the_way_leave_tls_to_the_route() throws Exception {
        tlsa("mx.dest.test", 3, 1);
        server.insecure("dest.test");
        assertThat(demand()).isNull();
    }

    @Test
    void unsigned_records_leave_tls_to_the_route() throws Exception {
        tlsa("mx.dest.test", 3, 1);
        server.insecure("_25._tcp.mx.dest.test");
        assertThat(demand()).isNull();
    }

    @Test
    void hosts_stand_for_themselves() throws Exception {
        server.mx("dest.test", 20, "mx2.dest.test").host("mx2.dest.test", "192.0.2.2");
        tlsa("mx2.dest.test", 3, 2);

        assertThat(hosts().get(0).demand()).isNull();
        assertThat(mark(hosts().get(1).demand())).isEqualTo(2);
    }

    @Test
    void a_domain_that_is_an_alias_has_two_names() throws Exception {
        server.forget("dest.test").cname("dest.test", "big.test").mx("big.test", 10, "mx.dest.test");
        tlsa("mx.dest.test", 2, 1);

        assertThat(demand().names()).containsExactly("mx.dest.test", "dest.test", "big.test");
    }

    @Test
    void a_domain_without_mx_is_its_own_host() throws Exception {
        server.forget("dest.test").host("dest.test", "192.0.2.1");
        tlsa("dest.test", 3, 1);

        assertThat(mark(demand())).isEqualTo(1);
    }

    @Test
    void a_smart_host_counts_by_its_own_records() throws Exception {
        server.host("smart.test", "192.0.2.5");
        tlsa("smart.test", 3, 5);
        tlsa("mx.dest.test", 3, 1);
        Destination.Host host =
                ((Destination.Hosts) find("dest.test", "smart.test")).hosts().get(0);
        assertThat(mark(host.demand())).isEqualTo(5);
        assertThat(host.demand().names()).containsExactly("smart.test");

        Destination.Host literal =
                ((Destination.Hosts) find("dest.test", "192.0.2.7")).hosts().get(0);
        assertThat(literal.demand()).isNull();
    }

    @Test
    void domains_that_need_other_names_do_not_share_connections() throws Exception {
        server.mx("second.test", 10, "mx.dest.test");
        tlsa("mx.dest.test", 2, 1);
        Destination.Hosts first = (Destination.Hosts) find("dest.test", null);
        Destination.Hosts second = (Destination.Hosts) find("second.test", null);
        assertThat(first.queueKey()).isNotEqualTo(second.queueKey());
    }
}
