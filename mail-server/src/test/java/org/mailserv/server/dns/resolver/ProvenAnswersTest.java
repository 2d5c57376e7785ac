package org.mailserv.server.dns.resolver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mailserv.server.dns.Dns.MxRecord;
import org.mailserv.server.dns.DnsAnswer;
import org.mailserv.server.net.EventLoops;
import org.mailserv.server.testing.ScriptedDnsServer;
import org.mailserv.server.testing.ScriptedDnsServer.Trouble;

/** Only a proven "no" is one (RFC 2308); servers that know no EDNS are asked without it (RFC 6891, 7). */
@Timeout(60)
class ProvenAnswersTest {
    private final EventLoops loops = new EventLoops(EventLoops.Transport.NIO, 1);
    private ScriptedDnsServer server;
    private ScriptedDnsServer second;

    @BeforeEach
    void start() throws IOException {
        server = new ScriptedDnsServer().mx("dest.test", 10, "mx.dest.test");
        second = new ScriptedDnsServer().mx("dest.test", 20, "mx2.dest.test");
    }

    @AfterEach
    void stop() throws IOException {
        loops.close();
        server.close();
        second.close();
    }

    /** The time-out is longer than the test may take: no answer may come from waiting. */
    private DnsAnswer<MxRecord> ask(boolean trusted, ScriptedDnsServer... servers) throws Exception {
        DnsConfig config = new DnsConfig(
                List.of(servers).stream().map(ScriptedDnsServer::address).toList(),
                Duration.ofMinutes(5),
                1,
                100,
                Duration.ofHours(1),
                Duration.ofMinutes(10),
                8,
                trusted,
                false);
        try (NettyDns dns =
                new NettyDns(config, loops.group().next(), loops.datagramChannel(), loops.clientChannel())) {
            CompletionStage<DnsAnswer<MxRecord>> stage = dns.mx("dest.test");
            return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
        }
    }

    private static int preference(DnsAnswer<MxRecord> answer) {
        assertThat(answer).isInstanceOf(DnsAnswer.Found.class);
        return ((DnsAnswer.Found<MxRecord>) answer).records().get(0).preference();
    }

    @ParameterizedTest
    @EnumSource(
            value = Trouble.class,
            names = {"LAME", "REFERRAL", "OTHER_NAME"})
    void answers_that_prove_nothing_lead_to_the_next_server(Trouble trouble) throws Exception {
        server.trouble("dest.test", trouble);

        assertThat(preference(ask(false, server, second))).isEqualTo(20);
        assertThat(ask(false, server)).isInstanceOf(DnsAnswer.TemporaryFailure.class);
    }

    @ParameterizedTest
    @EnumSource(
            value = Trouble.class,
            names = {"FORWARDER_NODATA", "AUTHORITATIVE_NODATA"})
    void a_no_without_soa_counts_from_servers_that_know(Trouble trouble) throws Exception {
        server.trouble("dest.test", trouble);

        assertThat(ask(false, server, second)).isInstanceOf(DnsAnswer.NoData.class);
    }

    @ParameterizedTest
    @EnumSource(
            value = Trouble.class,
            names = {"EDNS_BARE_FORMERR", "EDNS_FORMERR", "EDNS_NOTIMP", "EDNS_SERVFAIL", "EDNS_BADVERS"})
    void servers_from_before_edns_are_asked_without_it(Trouble trouble) throws Exception {
        server.trouble("dest.test", trouble);

        assertThat(preference(ask(false, server))).isEqualTo(10);
    }

    @Test
    void a_validating_server_is_believed_that_an_answer_is_bogus() throws Exception {
        server.trouble("dest.test", Trouble.EDNS_SERVFAIL);

        assertThat(ask(true, server)).isInstanceOf(DnsAnswer.TemporaryFailure.class);
    }

    @Test
    void the_case_of_the_question_does_not_matter() throws Exception {
        server.trouble("dest.test", Trouble.UPPER_CASE);

        assertThat(preference(ask(false, server))).isEqualTo(10);
    }
}
