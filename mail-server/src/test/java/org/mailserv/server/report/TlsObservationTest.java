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

        String json = TlsReport.json(
                "here", "a@b.test", "id", LocalDate.of(2026, 11, 21), List.of(List.of(good.row()), List.of(bad.row())));

        assertThat(json)
                .contains("\"policy-type\":\"sts\",\"policy-domain\":\"far.test\"")
                .contains("\"total-successful-session-count\":1,\"total-failure-session-count\":1")
                .contains("\"result-type\":\"certificate-not-trusted\"")
                .contains("\"failure-reason-code\":\"no path\"");
    }
}
