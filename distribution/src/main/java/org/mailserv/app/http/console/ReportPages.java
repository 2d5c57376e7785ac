package org.mailserv.app.http.console;

import io.netty.handler.codec.http.FullHttpResponse;
import java.util.concurrent.CompletionStage;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.ReceivedReportsQuery;
import org.mailserv.app.http.view.ReportsPage;

/** The DMARC and TLS reports of others, summed up by domain. */
final class ReportPages {
    static final String PATH = "/admin/reports";
    private static final int DAYS = 30;

    void register(Pages pages) {
        pages.get(PATH, ReportPages::list);
    }

    private static CompletionStage<FullHttpResponse> list(Visit visit) {
        String domain = visit.field("domain");
        int days = visit.field("days").matches("[1-9][0-9]{0,2}") ? Integer.parseInt(visit.field("days")) : DAYS;
        return visit.ask(Calls.RECEIVED_REPORTS, new ReceivedReportsQuery(domain.isEmpty() ? null : domain, null, days))
                .thenApply(reports ->
                        visit.page("reports", ReportsPage.of(visit.layout("Reports", PATH), reports, domain, days)));
    }
}
