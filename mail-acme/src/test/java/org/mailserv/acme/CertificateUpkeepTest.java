package org.mailserv.acme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.acme.CertificateUpkeep.Occasion;
import org.mailserv.acme.ca.CertificateAuthority;
import org.mailserv.acme.ca.IssueException;
import org.mailserv.acme.files.AcmeFolder;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.dns.DnsAnswer;
import org.mailserv.server.testing.FakeDns;
import org.mailserv.server.tls.AcmeConfig;

/** When certificates are requested, with which names and keys, and what is told. */
class CertificateUpkeepTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    Path tls;

    private final List<String> mails = new ArrayList<>();
    private final List<String> domains = new ArrayList<>(List.of("example.org"));
    private final FakeDns addresses = new FakeDns();
    private final FakeCa ca = new FakeCa(START);
    private DnsAnswer<Dns.TlsaRecord> tlsa = new DnsAnswer.NoSuchDomain<>(true);
    private URI directory = URI.create("https://ca.example/directory");
    private AcmeStatus status = AcmeStatus.starting();
    private int installed;
    private CertificateUpkeep upkeep;

    @BeforeEach
    void start() throws Exception {
        addresses.withAddress("mx.example.org", "192.0.2.1");
        restart();
    }

    private AcmeConfig config() {
        AcmeConfig base = AcmeConfig.disabled();
        return new AcmeConfig(
                true,
                null,
                directory,
                null,
                List.of(),
                base.challenge(),
                base.externalAccount(),
                base.keyType(),
                null,
                0.66,
                List.of(Duration.ofMinutes(1), Duration.ofMinutes(5), Duration.ofHours(1)),
                0.1,
                base.timeout(),
                base.http(),
                base.tlsAlpn(),
                base.dns(),
                base.rollover());
    }

    private void restart() throws Exception {
        Dns dns = (Dns) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Dns.class},
                (proxy, method, arguments) -> method.getName().equals("tlsa")
                        ? CompletableFuture.completedFuture(tlsa)
                        : method.invoke(addresses, arguments));
        upkeep = new CertificateUpkeep(
                new AcmeServices(
                        config(),
                        "mx.example.org",
                        () -> domains,
                        folder(),
                        ca,
                        dns,
                        () -> installed++,
                        (subject, text) -> mails.add(subject + "\n" + text),
                        () -> ca.now,
                        new Random(1)),
                found -> status = found);
    }

    private AcmeFolder folder() {
        return new AcmeFolder(tls, new RealDisk(), AcmeConfig.KeyType.EC);
    }

    private Duration step() throws Exception {
        return upkeep.step(Occasion.SCHEDULE);
    }

    private void pass(Duration time) {
        ca.now = ca.now.plus(time);
    }

    private PublicKey key(int request) {
        return ca.requests.get(request).key().getPublic();
    }

    @Test
    @DisplayName("Gets a certificate, keeps it, and renews it with the same key long before its end")
    void renews() throws Exception {
        step();
        assertThat(installed).isEqualTo(1);
        assertThat(status.phase()).isEqualTo(AcmeStatus.Phase.VALID);
        assertThat(status.names()).containsExactly("mx.example.org");
        assertThat(status.warnings(ca.now)).isEmpty();
        pass(Duration.ofDays(50));
        step();
        assertThat(ca.requests).hasSize(1);
        pass(Duration.ofDays(10));
        step();
        assertThat(ca.requests).hasSize(2);
        assertThat(key(1)).isEqualTo(key(0));
        assertThat(ca.requests.get(1).replaces()).isNotNull();
        assertThat(status.notAfter()).isEqualTo(START.plus(Duration.ofDays(150)));
    }

    @Test
    @DisplayName("All files are for the server's user only")
    void privateFiles() throws Exception {
        step();
        folder().accountKey();
        try (var files = Files.list(tls.resolve("acme"))) {
            assertThat(files)
                    .hasSize(5)
                    .allSatisfy(file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                            .isEqualTo("rw-------"));
        }
    }

    @Test
    @DisplayName("Backs off after failures, over restarts, and keeps to the time that the CA asked for")
    void backsOff() throws Exception {
        ca.failure = new IssueException("no", "wait", START.plus(Duration.ofHours(3)), null);
        step();
        assertThat(status.problem()).isEqualTo("no");
        assertThat(status.nextAttempt()).isEqualTo(START.plus(Duration.ofHours(3)));
        for (int i = 0; i < 20; i++) {
            restart();
            step();
            upkeep.step(Occasion.RENEW);
            pass(Duration.ofMinutes(5));
        }
        assertThat(ca.requests).hasSize(1);
        pass(Duration.ofHours(2));
        ca.failure = null;
        restart();
        step();
        assertThat(ca.requests).hasSize(2);
        assertThat(status.problem()).isEmpty();
    }

    @Test
    @DisplayName(
            "An attempt that takes longer than the delay after it is followed by the next one, not by a long sleep")
    void slowFailures() throws Exception {
        ca.failure = new IssueException("no", "wait", null, null);
        ca.latency = Duration.ofMinutes(2);
        for (int i = 1; i <= 2; i++) {
            assertThat(ca.requests).hasSize(i - 1);
            Duration sleep = step();
            assertThat(ca.requests).hasSize(i);
            assertThat(sleep).as("delay of " + i).isLessThan(Duration.ofMinutes(5));
            pass(sleep);
        }
        // A timer that is early by less than a millisecond must not cost an hour either.
        pass(Duration.between(ca.now, status.nextAttempt()).minusNanos(1));
        assertThat(step()).isLessThanOrEqualTo(Duration.ofSeconds(1));
    }

    @Test
    @DisplayName("A server that dies in each attempt counts them")
    void countsInterruptedAttempts() throws Exception {
        ca.crash = new IllegalStateException("killed");
        for (int i = 0; i < 20; i++) {
            restart();
            try {
                step();
            } catch (IllegalStateException e) {
                assertThat(e).hasMessage("killed");
            }
            pass(Duration.ofSeconds(30));
        }
        assertThat(ca.requests.size()).isBetween(2, 4);
    }

    @Test
    @DisplayName("The postmaster is told about failures that stay, rarely, and about the recovery")
    void tellsThePostmaster() throws Exception {
        ca.failure = new IssueException("the CA cannot connect to port 80", "open the port");
        for (int i = 0; i < 48; i++) {
            step();
            pass(Duration.ofHours(2));
        }
        assertThat(mails).hasSize(1);
        assertThat(mails.get(0)).contains("No new certificate", "port 80", "open the port", "mailserv tls renew");
        assertThat(status.warnings(ca.now))
                .singleElement()
                .asString()
                .contains("the CA cannot connect to port 80; open the port; next attempt");
        ca.failure = null;
        step();
        assertThat(mails).hasSize(2);
        assertThat(mails.get(1)).contains("again");
    }

    @Test
    @DisplayName("Names of mail that lead to this server are added, and one that is refused costs the others nothing")
    void furtherNames() throws Exception {
        addresses.withAddress("mta-sts.example.org", "192.0.2.1");
        addresses.withAddress("autoconfig.example.org", "192.0.2.1");
        addresses.withAddress("autodiscover.example.org", "192.0.2.99");
        ca.refused.put("autoconfig.example.org", "no such host (publish it)");
        step();
        assertThat(ca.requests.get(0).others()).containsExactly("mta-sts.example.org", "autoconfig.example.org");
        assertThat(status.names()).containsExactlyInAnyOrder("mx.example.org", "mta-sts.example.org");
        assertThat(status.warnings(ca.now))
                .containsExactly("certificate: autoconfig.example.org is not in it: no such host (publish it)");
        pass(Duration.ofMinutes(30));
        step();
        assertThat(ca.requests).hasSize(1);
        pass(Duration.ofHours(1));
        step();
        assertThat(ca.requests).as("tries the name again").hasSize(2);
        assertThat(installed).as("but no second certificate for the same names").isLessThanOrEqualTo(2);
        ca.refused.clear();
        pass(Duration.ofHours(2));
        step();
        assertThat(status.names()).contains("autoconfig.example.org");
        assertThat(status.warnings(ca.now)).isEmpty();
    }

    @Test
    @DisplayName("A domain that a reload adds is in the next certificate at once")
    void addedDomain() throws Exception {
        step();
        domains.add("other.example");
        addresses.withAddress("mta-sts.other.example", "192.0.2.1");
        step();
        assertThat(status.names()).contains("mta-sts.other.example");
    }

    @Test
    @DisplayName("A failing DNS takes no name out of the certificate")
    void dnsFails() throws Exception {
        addresses.withAddress("mta-sts.example.org", "192.0.2.1");
        step();
        addresses.failing("mta-sts.example.org");
        pass(Duration.ofDays(70));
        step();
        assertThat(ca.requests.get(1).others()).containsExactly("mta-sts.example.org");
    }

    @Test
    @DisplayName("The CA's window decides on the renewal, and its last moments do not")
    void suggestion() throws Exception {
        step();
        ca.suggestion = new CertificateAuthority.Suggestion(
                START.plus(Duration.ofDays(2)),
                START.plus(Duration.ofDays(3)),
                START.plus(Duration.ofDays(1)),
                "https://ca.example/incident");
        step();
        Instant chosen = status.renewAt();
        assertThat(chosen).isBetween(START.plus(Duration.ofDays(2)), START.plus(Duration.ofDays(3)));
        pass(Duration.ofDays(1));
        step();
        assertThat(status.renewAt()).as("the same window, the same time").isEqualTo(chosen);
        ca.suggestion = new CertificateAuthority.Suggestion(
                START.plus(Duration.ofDays(89)),
                START.plus(Duration.ofDays(89)).plusSeconds(60),
                START.plus(Duration.ofDays(2)),
                "");
        restart();
        pass(Duration.ofDays(1));
        step();
        assertThat(status.renewAt()).isBeforeOrEqualTo(START.plus(Duration.ofDays(81)));
    }

    @Test
    @DisplayName(
            "A change of the CA, as from staging to production, gets a new certificate and forgets the limits of the"
                    + " other")
    void otherCa() throws Exception {
        step();
        ca.failure = new IssueException("limit", "wait", START.plus(Duration.ofDays(6)), null);
        upkeep.step(Occasion.RENEW);
        directory = URI.create("https://production.example/directory");
        ca.failure = null;
        restart();
        step();
        assertThat(ca.requests).hasSize(3);
        assertThat(status.problem()).isEmpty();
        pass(Duration.ofHours(1));
        step();
        assertThat(ca.requests).hasSize(3);
    }

    private Dns.TlsaRecord record(TlsaRecord record) {
        return new Dns.TlsaRecord(3, 1, 1, HexFormat.of().parseHex(record.data()));
    }

    @Test
    @DisplayName("The key changes only after the next key's TLSA record was in the DNS for the time of delay")
    void rollsOver() throws Exception {
        step();
        TlsaRecord current = status.tlsa();
        TlsaRecord next = status.nextTlsa();
        assertThat(current).isNotNull();
        assertThat(next).isNotNull().isNotEqualTo(current);
        tlsa = new DnsAnswer.Found<>(List.of(record(current)), true, Duration.ofHours(1));
        upkeep.step(Occasion.ROLLOVER);
        assertThat(mails.get(0)).contains(next.toString());
        assertThat(status.rollover()).contains(next.toString());
        pass(Duration.ofDays(10));
        step();
        assertThat(ca.requests).hasSize(1);

        tlsa = new DnsAnswer.Found<>(List.of(record(current), record(next)), true, Duration.ofHours(1));
        step();
        tlsa = new DnsAnswer.TemporaryFailure<>("timeout");
        pass(Duration.ofDays(3));
        step();
        assertThat(ca.requests).as("unknown permits nothing").hasSize(1);
        assertThat(status.rollover()).contains("cannot be looked up");

        tlsa = new DnsAnswer.Found<>(List.of(record(current), record(next)), true, Duration.ofHours(1));
        restart();
        step();
        assertThat(ca.requests).hasSize(2);
        assertThat(TlsaRecord.of("mx.example.org", key(1))).isEqualTo(next);
        assertThat(status.tlsa()).isEqualTo(next);
        assertThat(status.nextTlsa()).isNotEqualTo(next).isNotEqualTo(current);
        assertThat(status.rollover()).isEmpty();
        assertThat(mails.get(1)).contains("has changed", current.toString(), next.toString());
    }

    @Test
    @DisplayName("A record that vanishes begins the wait anew; --now does not wait")
    void rolloverWaits() throws Exception {
        step();
        TlsaRecord next = status.nextTlsa();
        assertThat(next).isNotNull();
        tlsa = new DnsAnswer.Found<>(List.of(record(next)), true, Duration.ofHours(1));
        upkeep.step(Occasion.ROLLOVER);
        pass(Duration.ofDays(1));
        tlsa = new DnsAnswer.Found<>(List.of(new Dns.TlsaRecord(3, 1, 1, new byte[32])), true, Duration.ofHours(1));
        step();
        tlsa = new DnsAnswer.Found<>(List.of(record(next)), true, Duration.ofHours(1));
        pass(Duration.ofDays(1));
        step();
        assertThat(ca.requests).hasSize(1);
        upkeep.step(Occasion.ROLLOVER_NOW);
        assertThat(status.tlsa()).isEqualTo(next);
    }

    @Test
    @DisplayName("A damaged certificate is replaced, and a damaged key is told and not overwritten")
    void damagedFiles() throws Exception {
        step();
        Files.writeString(tls.resolve("acme/certificate.pem"), "garbage");
        step();
        assertThat(ca.requests).hasSize(2);
        assertThat(key(1)).isEqualTo(key(0));
        Files.writeString(tls.resolve("acme/next-key.pem"), "garbage");
        assertThatThrownBy(this::step).hasMessageContaining("next-key.pem: cannot be used");
        assertThat(Files.readString(tls.resolve("acme/next-key.pem"))).isEqualTo("garbage");
    }
}
