package org.mailserv.server.dns.resolver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.benmanes.caffeine.cache.Ticker;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.server.dns.Dns.MxRecord;
import org.mailserv.server.dns.Dns.SrvRecord;
import org.mailserv.server.dns.DnsAnswer;
import org.mailserv.server.net.EventLoops;
import org.mailserv.server.testing.ScriptedDnsServer;
import org.mailserv.server.testing.ScriptedDnsServer.Trouble;

/** Questions to real servers on loopback. */
@Timeout(60)
class NettyDnsTest {
    private final EventLoops loops = new EventLoops(EventLoops.Transport.NIO, 1);
    private final AtomicLong nanos = new AtomicLong();
    private ScriptedDnsServer server;
    private ScriptedDnsServer second;
    private NettyDns dns;

    @BeforeEach
    void start() throws IOException {
        server = new ScriptedDnsServer();
        second = new ScriptedDnsServer();
        dns = open(false, 1000, server.address());
    }

    @AfterEach
    void stop() throws IOException {
        dns.close();
        loops.close();
        server.close();
        second.close();
    }

    private NettyDns open(boolean trusted, int timeoutMillis, String... servers) {
        DnsConfig config = new DnsConfig(
                List.of(servers),
                Duration.ofMillis(timeoutMillis),
                1,
                100,
                Duration.ofHours(1),
                Duration.ofMinutes(10),
                8,
                trusted,
                false);
        Ticker ticker = nanos::get;
        return new NettyDns(config, loops.group().next(), loops.datagramChannel(), loops.clientChannel(), ticker);
    }

    private static <T> DnsAnswer<T> get(CompletionStage<DnsAnswer<T>> stage) throws Exception {
        return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    /** The cache sets times just after it has answered. */
    private void settle() throws Exception {
        loops.group().next().submit(() -> {}).get(10, TimeUnit.SECONDS);
    }

    private static <T> List<T> found(CompletionStage<DnsAnswer<T>> stage) throws Exception {
        DnsAnswer<T> answer = get(stage);
        assertThat(answer).isInstanceOf(DnsAnswer.Found.class);
        return ((DnsAnswer.Found<T>) answer).records();
    }

    @Test
    void findsMx() throws Exception {
        server.mx("dest.test", 10, "MX1.dest.test").mx("dest.test", 20, "mx2.dest.test");

        assertThat(found(dns.mx("Dest.TEST")))
                .containsExactlyInAnyOrder(new MxRecord(10, "mx1.dest.test"), new MxRecord(20, "mx2.dest.test"));
    }

    @Test
    void findsNullMx() throws Exception {
        server.mx("never.test", 0, ".");

        assertThat(found(dns.mx("never.test"))).containsExactly(new MxRecord(0, ""));
    }

    @Test
    @DisplayName("U9: IPv4 and IPv6 addresses of a host")
    void findsBothFamilies() throws Exception {
        server.host("mx.test", "192.0.2.1", "2001:db8::1").host("six.test", "2001:db8::2");

        assertThat(found(dns.addresses("mx.test")))
                .containsExactly(InetAddress.getByName("2001:db8::1"), InetAddress.getByName("192.0.2.1"));
        assertThat(found(dns.addresses("six.test"))).containsExactly(InetAddress.getByName("2001:db8::2"));
        assertThat(get(dns.ipv4("six.test"))).isInstanceOf(DnsAnswer.NoData.class);
    }

    @Test
    void joinsTheStringsOfText() throws Exception {
        String longText = "v=DKIM1; p=" + "A".repeat(600);
        server.txt("sel.test", longText).txt("two.test", "v=spf1 ", "-all");

        assertThat(found(dns.txt("sel.test"))).containsExactly(longText);
        assertThat(found(dns.txt("two.test"))).containsExactly("v=spf1 -all");
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.9, 9.2.0.192.in-addr.arpa",
        "2001:db8::1, 1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"
    })
    void findsTheNameOfAnAddress(String address, String reverse) throws Exception {
        server.ptr(reverse, "client.test");

        assertThat(found(dns.ptr(InetAddress.getByName(address)))).containsExactly("client.test");
    }

    @Test
    void findsTlsa() throws Exception {
        server.record("_25._tcp.mx.test", ScriptedDnsServer.TLSA, 300, new byte[] {3, 1, 1, 7, 8, 9});

        var record = found(dns.tlsa("_25._tcp.mx.test")).get(0);
        assertThat(List.of(record.usage(), record.selector(), record.matchingType()))
                .containsExactly(3, 1, 1);
        assertThat(record.data()).containsExactly(7, 8, 9);
    }

    @Test
    void findsServices() throws Exception {
        server.srv("_imaps._tcp.example.test", 1, 2, 993, "imap.example.test")
                .srv("_imap._tcp.example.test", 0, 0, 0, "");

        assertThat(found(dns.srv("_imaps._tcp.example.test")))
                .containsExactly(new SrvRecord(1, 2, 993, "imap.example.test"));
        assertThat(found(dns.srv("_imap._tcp.example.test"))).containsExactly(new SrvRecord(0, 0, 0, ""));
    }

    @Test
    void followsAliasesWithinAndBeyondAnAnswer() throws Exception {
        server.cname("a.test", "b.test").cname("b.test", "c.test").host("c.test", "192.0.2.3");

        assertThat(found(dns.ipv4("a.test"))).containsExactly(InetAddress.getByName("192.0.2.3"));
    }

    @Test
    void endsLoopsOfAliases() throws Exception {
        server.cname("x.test", "y.test").cname("y.test", "x.test");

        assertThat(get(dns.ipv4("x.test"))).isInstanceOf(DnsAnswer.TemporaryFailure.class);
    }

    @Test
    void tellsNoDataFromNoSuchDomain() throws Exception {
        server.host("only.test", "192.0.2.1").cname("dangling.test", "gone.test");

        assertThat(get(dns.mx("only.test"))).isInstanceOf(DnsAnswer.NoData.class);
        assertThat(get(dns.mx("nowhere.test"))).isInstanceOf(DnsAnswer.NoSuchDomain.class);
        assertThat(get(dns.addresses("nowhere.test"))).isInstanceOf(DnsAnswer.NoSuchDomain.class);
        assertThat(get(dns.ipv4("dangling.test"))).isInstanceOf(DnsAnswer.NoSuchDomain.class);
    }

    @ParameterizedTest
    @EnumSource(
            value = Trouble.class,
            names = {"SERVFAIL", "REFUSED", "SILENCE", "GARBAGE", "WRONG_ID"})
    void troubleIsTemporaryAndNotKept(Trouble trouble) throws Exception {
        dns.close();
        dns = open(false, 200, server.address());
        server.mx("dest.test", 10, "mx.dest.test").trouble("dest.test", trouble);

        assertThat(get(dns.mx("dest.test"))).isInstanceOf(DnsAnswer.TemporaryFailure.class);
        server.trouble("dest.test", null);
        assertThat(found(dns.mx("dest.test"))).hasSize(1);
    }

    @Test
    @DisplayName("a query that cannot be sent fails with the reason of the system, without the words of the resolver")
    void unsendable() throws Exception {
        // A broadcast address needs a permission that the socket does not have.
        dns.close();
        dns = open(false, 2000, "255.255.255.255:53");
        assertThat(get(dns.mx("dest.test")))
                .isInstanceOfSatisfying(
                        DnsAnswer.TemporaryFailure.class,
                        failure -> assertThat(failure.reason())
                                .endsWith("from 255.255.255.255:53")
                                .doesNotContain("DefaultDns", "stack trace", "failed to send"));
    }

    @Test
    void asksTheNextServerAndRemembersWhichOneWorks() throws Exception {
        dns.close();
        dns = open(false, 200, server.address(), second.address());
        server.trouble("dest.test", Trouble.SILENCE);
        second.mx("dest.test", 10, "mx.dest.test").mx("other.test", 10, "mx.dest.test");

        assertThat(found(dns.mx("dest.test"))).hasSize(1);
        assertThat(found(dns.mx("other.test"))).hasSize(1);
        assertThat(server.questions("other.test", ScriptedDnsServer.MX)).isZero();
    }

    @Test
    void asksOverTcpForWhatIsTruncated() throws Exception {
        server.mx("big.test", 10, "mx.big.test").trouble("big.test", Trouble.TRUNCATED);

        assertThat(found(dns.mx("big.test"))).hasSize(1);
        assertThat(server.questions("big.test", ScriptedDnsServer.MX)).isEqualTo(2);
    }

    @Test
    void keepsAnswersForTheirTimeToLive() throws Exception {
        server.mx("dest.test", 10, "mx.dest.test");

        found(dns.mx("dest.test"));
        found(dns.mx("dest.test"));
        assertThat(server.questions("dest.test", ScriptedDnsServer.MX)).isEqualTo(1);
        settle();
        nanos.addAndGet(Duration.ofSeconds(301).toNanos());
        found(dns.mx("dest.test"));
        assertThat(server.questions("dest.test", ScriptedDnsServer.MX)).isEqualTo(2);
    }

    @Test
    void keepsNoForTheTimeOfTheZone() throws Exception {
        server.setNegativeTtl(30);

        get(dns.mx("nowhere.test"));
        get(dns.mx("nowhere.test"));
        assertThat(server.questions("nowhere.test", ScriptedDnsServer.MX)).isEqualTo(1);
        settle();
        nanos.addAndGet(Duration.ofSeconds(31).toNanos());
        get(dns.mx("nowhere.test"));
        assertThat(server.questions("nowhere.test", ScriptedDnsServer.MX)).isEqualTo(2);
    }

    @Test
    void asksOnceForManyAskers() throws Exception {
        server.mx("dest.test", 10, "mx.dest.test");
        List<CompletionStage<DnsAnswer<MxRecord>>> stages = new ArrayList<>();
        IntStream.range(0, 100).forEach(i -> stages.add(dns.mx("dest.test")));

        for (CompletionStage<DnsAnswer<MxRecord>> stage : stages) {
            assertThat(found(stage)).hasSize(1);
        }
        assertThat(server.questions("dest.test", ScriptedDnsServer.MX)).isEqualTo(1);
    }

    @Test
    void manyQuestionsWaitTheirTurn() throws Exception {
        List<CompletionStage<DnsAnswer<InetAddress>>> stages = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            server.host("h" + i + ".test", "192.0.2.1");
            stages.add(dns.ipv4("h" + i + ".test"));
        }
        for (CompletionStage<DnsAnswer<InetAddress>> stage : stages) {
            assertThat(found(stage)).hasSize(1);
        }
    }

    @Test
    void believesTheBitOfTrustedServersOnly() throws Exception {
        server.mx("dest.test", 10, "mx.dest.test");
        server.setAuthenticated(true);

        assertThat(((DnsAnswer.Found<MxRecord>) get(dns.mx("dest.test"))).authenticated())
                .isFalse();
        try (NettyDns trusting = open(true, 1000, server.address())) {
            assertThat(((DnsAnswer.Found<MxRecord>) get(trusting.mx("dest.test"))).authenticated())
                    .isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "a..b",
                "-\u0000",
                "label-of-more-than-63-octets-label-of-more-than-63-octets-label.test"
            })
    void whatIsNoNameDoesNotExist(String name) throws Exception {
        assertThat(get(dns.mx(name))).isInstanceOfAny(DnsAnswer.NoSuchDomain.class, DnsAnswer.TemporaryFailure.class);
    }

    @Test
    void asksForUnicodeNamesInAscii() throws Exception {
        server.mx("xn--bcher-kva.test", 10, "mx.test");

        assertThat(found(dns.mx("bücher.test"))).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, 192.0.2.1, 53",
        "192.0.2.1:5353, 192.0.2.1, 5353",
        "2001:db8::1, 2001:db8:0:0:0:0:0:1, 53",
        "[2001:db8::1]:5353, 2001:db8:0:0:0:0:0:1, 5353"
    })
    void readsServers(String text, String address, int port) {
        assertThat(DnsConfig.parse(text).getAddress().getHostAddress()).isEqualTo(address);
        assertThat(DnsConfig.parse(text).getPort()).isEqualTo(port);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "name.test", "192.0.2.1:0", "192.0.2.1:x", "192.0.2.1:70000"})
    void refusesWhatIsNoServer(String text) {
        assertThatThrownBy(() -> DnsConfig.parse(text)).hasMessageContaining("servers");
    }
}
