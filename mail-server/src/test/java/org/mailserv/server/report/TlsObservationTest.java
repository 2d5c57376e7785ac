package org.mailserv.server.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailserv.server.report.TlsObservation.Policy;

class TlsObservationTest {
    @Test
    @DisplayName("a session without a failure counts as a success, and another one with the result type of RFC 8460")
    void rows() {
        TlsObservation good = new TlsObservation("far.test", Policy.STS, "mx.far.test", "192.0.2.1", null, "");
        TlsObservation bad = new TlsObservation(
                "far.test", Policy.STS, "mx.far.test", "192.0.2.1", TlsResult.CERTIFICATE_NOT_TRUSTED, "no path");

        String json = TlsReport.json("here", "a@b.test", "id", LocalDate.of(2026, 11, 21), List.of(good, bad));

        assertThat(json)
                .contains("\"policy-type\":\"sts\",\"policy-domain\":\"far.test\"")
                .contains("\"total-successful-session-count\":1,\"total-failure-session-count\":1")
                .contains("\"result-type\":\"certificate-not-trusted\"")
                .contains("\"failure-reason-code\":\"no path\"");
    }

    @Test
    @DisplayName("an observation comes back from its columns as it was; other lines are left out")
    void columns() {
        TlsObservation good = new TlsObservation("far.test", Policy.TLSA, "mx.far.test", "192.0.2.1", null, "");
        TlsObservation bad = new TlsObservation(
                "far.test", Policy.STS, "mx.far.test", "192.0.2.1", TlsResult.CERTIFICATE_HOST_MISMATCH, "no path");
        assertThat(TlsObservation.parse(good.columns())).isEqualTo(good);
        assertThat(TlsObservation.parse(bad.columns())).isEqualTo(bad);

        assertThat(TlsObservation.parse(List.of("far.test", "sts"))).isNull();
        assertThat(TlsObservation.parse(List.of("far.test", "sts", "mx", "192.0.2.1", "odd", "")))
                .isNull();
    }
}
