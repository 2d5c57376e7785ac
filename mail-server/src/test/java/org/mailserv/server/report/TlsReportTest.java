package org.mailserv.server.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailserv.server.report.TlsObservation.Policy;

class TlsReportTest {
    private static TlsObservation session(Policy policy, String host, @Nullable TlsResult failure, String reason) {
        return new TlsObservation("far.test", policy, host, "192.0.2.1", failure, reason);
    }

    @Test
    @DisplayName("U14: a report on TLS counts sessions by policy and failures by kind")
    void json() {
        String json = TlsReport.json(
                "mx.test",
                "postmaster@test",
                "id",
                LocalDate.of(2026, 11, 20),
                List.of(
                        session(Policy.STS, "mx1.far.test", null, ""),
                        session(Policy.STS, "mx1.far.test", TlsResult.CERTIFICATE_EXPIRED, "it \"expired\"\u00e4"),
                        session(Policy.STS, "mx1.far.test", TlsResult.CERTIFICATE_EXPIRED, "it \"expired\"\u00e4"),
                        session(Policy.TLSA, "mx2.far.test", null, "")));
        assertThat(json)
                .isEqualTo(
                        "{\"organization-name\":\"mx.test\",\"date-range\":{\"start-datetime\":\"2026-11-20T00:00:00Z\","
                                + "\"end-datetime\":\"2026-11-20T23:59:59Z\"},\"contact-info\":\"postmaster@test\","
                                + "\"report-id\":\"id\",\"policies\":[{\"policy\":{\"policy-type\":\"sts\","
                                + "\"policy-domain\":\"far.test\"},\"summary\":{\"total-successful-session-count\":1,"
                                + "\"total-failure-session-count\":2},\"failure-details\":[{\"result-type\":\"certificate-expired\","
                                + "\"receiving-mx-hostname\":\"mx1.far.test\",\"receiving-ip\":\"192.0.2.1\","
                                + "\"failed-session-count\":2,\"failure-reason-code\":\"it \\\"expired\\\"?\"}]},"
                                + "{\"policy\":{\"policy-type\":\"tlsa\",\"policy-domain\":\"far.test\"},"
                                + "\"summary\":{\"total-successful-session-count\":1,\"total-failure-session-count\":0},"
                                + "\"failure-details\":[]}]}\n");
    }

    @Test
    void recipients() {
        assertThat(TlsReport.recipients(
                        List.of("v=TLSRPTv1; rua=mailto:a@far.test,https://far.test/r , mailto:b@far.test", "v=spf1")))
                .containsExactly("a@far.test", "b@far.test");
    }
}
