package org.mailserv.relay.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.relay.route.TlsDemand;
import org.mailserv.server.dns.Dns.TlsaRecord;
import org.mailserv.server.testing.TestCertificate;
import org.mailserv.server.tls.ServerTls;
import org.mailserv.server.tls.TlsConfig;

/** Certificates against TLSA records: RFC 6698, 2.1; RFC 7671, 5 and 9; RFC 7672, 3. */
class DaneTrustTest {
    private static final List<String> NAMES = List.of("mx.dest.test", "dest.test");

    @TempDir
    Path folder;

    private final TestCertificate root =
            TestCertificate.of("P-256").subject("Root").authority().make();
    private final TestCertificate middle = TestCertificate.of("P-256")
            .subject("Middle")
            .authority()
            .issuedBy(root)
            .make();
    private final TestCertificate own = issued("mx.dest.test");

    private TestCertificate issued(String... names) {
        return TestCertificate.of("P-256")
                .subject("own.test")
                .names(names)
                .issuedBy(middle)
                .make();
    }

    private static TlsaRecord tlsa(int usage, int selector, int matching, TestCertificate of) {
        try {
            byte[] data = selector == 0
                    ? of.certificate().getEncoded()
                    : of.certificate().getPublicKey().getEncoded();
            byte[] octets = matching == 0
                    ? data
                    : MessageDigest.getInstance(matching == 1 ? "SHA-256" : "SHA-512")
                            .digest(data);
            return new TlsaRecord(usage, selector, matching, octets);
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean trusts(List<TlsaRecord> records, TestCertificate... chain) {
        try {
            new DaneTrust(TlsaRecords.usable(records), NAMES)
                    .checkServerTrusted(
                            Arrays.stream(chain)
                                    .map(TestCertificate::certificate)
                                    .toArray(X509Certificate[]::new),
                            "UNKNOWN");
            return true;
        } catch (CertificateException e) {
            return false;
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0, 1", "0, 2", "1, 0", "1, 1", "1, 2"})
    void each_selector_and_matching_type_counts_for_both_usages(int selector, int matching) {
        TestCertificate other = issued("mx.dest.test");
        assertThat(trusts(List.of(tlsa(3, selector, matching, own)), own, middle, root))
                .isTrue();
        assertThat(trusts(List.of(tlsa(3, selector, matching, other)), own, middle, root))
                .isFalse();
        for (TestCertificate authority : List.of(middle, root)) {
            assertThat(trusts(List.of(tlsa(2, selector, matching, authority)), own, middle, root))
                    .isTrue();
            assertThat(trusts(List.of(tlsa(2, selector, matching, authority)), own, root, middle))
                    .isTrue();
        }
        assertThat(trusts(List.of(tlsa(2, selector, matching, other)), own, middle, root))
                .isFalse();
        // One that fits is enough.
        assertThat(trusts(List.of(tlsa(2, selector, matching, other), tlsa(3, selector, matching, own)), own))
                .isTrue();
    }

    @Test
    void of_the_servers_own_certificate_neither_names_nor_times_matter() {
        TestCertificate old = TestCertificate.of("P-256")
                .names("elsewhere.test")
                .notAfter(Instant.now().minusSeconds(86400))
                .make();
        assertThat(trusts(List.of(tlsa(3, 1, 1, old)), old)).isTrue();
        assertThat(trusts(List.of(tlsa(2, 1, 1, old)), old)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "mx.dest.test, true",
        "MX.Dest.TEST, true",
        "*.dest.test, true",
        "dest.test, true",
        "*.test, true",
        "other.dest.test, false",
        "*.mx.dest.test, false",
        "m*.dest.test, false",
        "elsewhere.test, false"
    })
    void an_authority_vouches_for_the_host_and_the_next_hop(String name, boolean good) {
        assertThat(trusts(List.of(tlsa(2, 0, 1, root)), issued(name), middle, root))
                .isEqualTo(good);
    }

    @Test
    void the_subject_is_a_name_only_where_there_are_no_others() {
        TestCertificate subject = TestCertificate.of("P-256")
                .subject("mx.dest.test")
                .issuedBy(root)
                .make();
        assertThat(trusts(List.of(tlsa(2, 0, 1, root)), subject, root)).isTrue();
        TestCertificate both = TestCertificate.of("P-256")
                .subject("mx.dest.test")
                .names("other.test")
                .issuedBy(root)
                .make();
        assertThat(trusts(List.of(tlsa(2, 0, 1, root)), both, root)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void an_authority_that_the_record_holds_in_full_need_not_be_sent(int selector) {
        assertThat(trusts(List.of(tlsa(2, selector, 0, root)), own, middle)).isTrue();
        assertThat(trusts(List.of(tlsa(2, selector, 0, root)), own)).isFalse();
        assertThat(trusts(List.of(tlsa(2, selector, 1, root)), own, middle)).isFalse();
    }

    @Test
    void a_chain_has_to_be_signed_and_of_authorities_and_in_its_time() {
        TestCertificate fake =
                TestCertificate.of("P-256").subject("Middle").authority().make();
        TestCertificate forged =
                TestCertificate.of("P-256").names("mx.dest.test").issuedBy(fake).make();
        assertThat(trusts(List.of(tlsa(2, 0, 1, middle)), forged, middle, root)).isFalse();
        assertThat(trusts(List.of(tlsa(2, 1, 0, root)), forged, fake)).isFalse();
        TestCertificate byOwn =
                TestCertificate.of("P-256").names("mx.dest.test").issuedBy(own).make();
        assertThat(trusts(List.of(tlsa(2, 0, 1, root)), byOwn, own, middle, root))
                .isFalse();
        TestCertificate expired = TestCertificate.of("P-256")
                .names("mx.dest.test")
                .issuedBy(root)
                .notAfter(Instant.now().minusSeconds(60))
                .make();
        assertThat(trusts(List.of(tlsa(2, 0, 1, root)), expired, root)).isFalse();
    }

    @Test
    void records_that_mail_cannot_use_are_left_out() {
        for (TlsaRecord record : List.of(
                tlsa(0, 0, 1, root),
                tlsa(1, 1, 1, own),
                tlsa(4, 1, 1, own),
                tlsa(255, 1, 1, own),
                new TlsaRecord(3, 2, 1, new byte[32]),
                new TlsaRecord(3, 1, 3, new byte[32]),
                new TlsaRecord(3, 1, 1, new byte[31]),
                new TlsaRecord(3, 1, 2, new byte[32]),
                new TlsaRecord(2, 0, 0, new byte[0]),
                new TlsaRecord(2, 0, 0, new byte[20]),
                new TlsaRecord(3, 1, 0, new byte[20]))) {
            assertThat(TlsaRecords.usable(List.of(record)))
                    .as(record.toString())
                    .isEmpty();
        }
    }

    @Test
    void of_several_digests_only_the_strongest_counts() {
        TestCertificate other = issued("mx.dest.test");
        assertThat(trusts(List.of(tlsa(3, 1, 1, own), tlsa(3, 1, 2, other)), own))
                .isFalse();
        assertThat(trusts(List.of(tlsa(3, 1, 1, other), tlsa(3, 1, 2, own)), own))
                .isTrue();
        // Full data, other selectors and other usages are groups of their own.
        assertThat(trusts(List.of(tlsa(3, 1, 0, own), tlsa(3, 1, 2, other)), own))
                .isTrue();
        assertThat(trusts(List.of(tlsa(3, 0, 1, own), tlsa(3, 1, 2, other)), own))
                .isTrue();
        assertThat(trusts(List.of(tlsa(3, 1, 1, own), tlsa(2, 1, 2, other)), own))
                .isTrue();
    }

    @Test
    void the_same_holds_in_handshakes() throws Exception {
        for (TlsConfig.Provider provider : TlsConfig.Provider.values()) {
            TlsClients clients = new TlsClients(provider, null);
            for (String protocol : List.of("TLSv1.2", "TLSv1.3")) {
                try (ServerTls server = Handshakes.server(folder, TlsConfig.Provider.AUTO, protocol, own, middle)) {
                    for (TlsaRecord record : List.of(tlsa(3, 1, 1, own), tlsa(2, 0, 1, middle), tlsa(2, 0, 0, root))) {
                        assertThat(failure(clients, record, NAMES, server)).isEmpty();
                    }
                    assertThat(failure(clients, tlsa(3, 1, 1, root), NAMES, server))
                            .contains("none of the TLSA records");
                    assertThat(failure(clients, tlsa(2, 0, 1, middle), List.of("elsewhere.test"), server))
                            .contains("is valid for none of the names elsewhere.test");
                }
            }
        }
    }

    private static String failure(TlsClients clients, TlsaRecord record, List<String> names, ServerTls server) {
        return Handshakes.failure(clients, TlsDemand.dane(List.of(record), names), "mx.dest.test", server);
    }
}
