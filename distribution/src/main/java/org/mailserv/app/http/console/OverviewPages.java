package org.mailserv.app.http.console;

import io.netty.handler.codec.http.FullHttpResponse;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.MailboxUsage;
import org.mailserv.app.api.Nothing;
import org.mailserv.app.api.QueueQuery;
import org.mailserv.app.api.TrafficHistory;
import org.mailserv.app.http.view.Chart;
import org.mailserv.app.http.view.Health;
import org.mailserv.app.http.view.OverviewPage;
import org.mailserv.app.http.view.WaitingMail;

/** The first page: health, traffic, destinations that wait, and the largest mailboxes. */
final class OverviewPages {
    private static final int MAX_MESSAGES = 1_000;
    private static final int MAX_MAILBOXES = 10;

    void register(Pages pages) {
        pages.get("/admin", OverviewPages::overview);
    }

    private static CompletionStage<FullHttpResponse> overview(Visit visit) {
        return visit.ask(Calls.STATE, Nothing.NOTHING)
                .thenCompose(state -> visit.ask(Calls.TRAFFIC, Nothing.NOTHING)
                        .thenCompose(traffic -> visit.ask(Calls.QUEUE, QueueQuery.all(MAX_MESSAGES))
                                .thenCompose(queue -> visit.ask(Calls.MAILBOXES, Nothing.NOTHING)
                                        .thenApply(mailboxes -> visit.page(
                                                "overview",
                                                new OverviewPage(
                                                        visit.layout("Overview", "/admin"),
                                                        state,
                                                        Health.of(state),
                                                        charts(traffic),
                                                        List.of(traffic.hourTimes(), traffic.dayTimes()),
                                                        WaitingMail.byDomain(queue),
                                                        largest(mailboxes)))))));
    }

    private static List<Chart> charts(TrafficHistory traffic) {
        return List.of(
                Chart.ofTraffic("Last hour", traffic.hour(), Duration.ofMinutes(1)),
                Chart.ofTraffic("Last 24 hours", traffic.day(), Duration.ofMinutes(30)));
    }

    private static List<MailboxUsage> largest(List<MailboxUsage> mailboxes) {
        return mailboxes.stream()
                .sorted(Comparator.comparingLong(MailboxUsage::octets).reversed())
                .limit(MAX_MAILBOXES)
                .toList();
    }
}
