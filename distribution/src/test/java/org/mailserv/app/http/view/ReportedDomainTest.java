package org.mailserv.app.http.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailserv.app.api.ReceivedReportInfo;
import org.mailserv.app.api.ReceivedReportInfo.Kind;
import org.mailserv.app.api.ReceivedReportInfo.ReportedFailure;

/** The reports about a domain in words and on the page. */
class ReportedDomainTest {
    private static final Layout LAYOUT =
            new Layout("mx.test", "Reports", "/admin/reports", "ann", true, "token", null, List.of());

    private static ReceivedReportInfo report(String organization, long passed, ReportedFailure... failures) {
        return new ReceivedReportInfo(
                Kind.DMARC,
                organization,
                "one.example",
                Instant.EPOCH,
                Instant.EPOCH,
                "none",
                passed,
                List.of(failures).stream().mapToLong(ReportedFailure::count).sum(),
                List.of(failures));
    }

    @Test
    @DisplayName("the summary counts reporters and messages, and never rounds up to 100 %")
    void summary() {
        ReportedDomain domain = new ReportedDomain(
                "one.example",
                List.of(
                        report("a.test", 999, new ReportedFailure("192.0.2.66", "none", 1)),
                        report("b.test", 1000),
                        report("a.test", 0, new ReportedFailure("192.0.2.66", "reject", 1))));
        assertThat(domain.summary(Kind.DMARC))
                .isEqualTo("2 reporters saw 2001 messages: 1999 passed (99 %), 2 failed.");
        assertThat(domain.advice(Kind.DMARC)).contains("p=none lets such mail through");
        assertThat(domain.has(Kind.TLS)).isFalse();
        assertThat(domain.sources(Kind.DMARC)).singleElement().satisfies(source -> {
            assertThat(source.count()).isEqualTo(2);
            assertThat(source.results()).containsExactly("none", "reject");
            assertThat(source.reporters()).containsExactly("a.test");
        });
        assertThat(new ReportedDomain("one.example", List.of(report("a.test", 3))).summary(Kind.DMARC))
                .isEqualTo("1 reporter saw 3 messages: all of them passed.");
    }

    @Test
    @DisplayName("markup in the names that a report gives is shown and not interpreted")
    void escapes() {
        String evil = "\"><script>alert(1)</script>";
        String page = Templates.render(
                "reports",
                ReportsPage.of(LAYOUT, List.of(report(evil, 1, new ReportedFailure(evil, evil, 2))), evil, 30));
        assertThat(page).contains("&lt;script&gt;alert(1)").doesNotContain("<script>alert");
    }
}
