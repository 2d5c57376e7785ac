package org.mailserv.app.http.console;

import io.netty.handler.codec.http.FullHttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.QueueChange;
import org.mailserv.app.api.QueueChanged;
import org.mailserv.app.api.QueueQuery;
import org.mailserv.app.control.QueueReport;
import org.mailserv.app.http.view.QueueConfirmPage;
import org.mailserv.app.http.view.QueueListPage;
import org.mailserv.app.http.view.WaitingMail;
import org.mailserv.relay.queue.QueueAdmin;

/** The queue: its destinations and messages, and changes to them. Mail that would be lost is asked about first. */
final class QueuePages {
    private static final String PATH = "/admin/queue";
    private static final int MAX_MESSAGES = 1_000;

    void register(Pages pages) {
        pages.get(PATH, QueuePages::list).post(PATH, QueuePages::change);
    }

    private static CompletionStage<FullHttpResponse> list(Visit visit) {
        String domain = visit.field("domain");
        return visit.ask(Calls.QUEUE, QueueQuery.ofDomain(domain, MAX_MESSAGES))
                .thenApply(queue -> visit.page(
                        "queue",
                        new QueueListPage(visit.layout("Queue", PATH), queue, WaitingMail.byDomain(queue), domain)));
    }

    private static CompletionStage<FullHttpResponse> change(Visit visit) {
        QueueChange change;
        try {
            change = change(visit.field("action"), visit.request().fields("id"), visit.field("domain"));
        } catch (ApiException e) {
            return CompletableFuture.failedFuture(e);
        }
        boolean asked = change.isFinal() && !visit.field("confirmed").equals("yes");
        return visit.ask(Calls.CHANGE_QUEUE, asked ? change.rehearsal() : change)
                .thenApply(result -> asked ? confirm(visit, change, result) : done(visit, change, result));
    }

    private static QueueChange change(String action, List<String> ids, String domain) throws ApiException {
        try {
            return QueueChange.of(
                    QueueAdmin.Action.valueOf(action.toUpperCase(Locale.ROOT)), ids, domain.isEmpty() ? null : domain);
        } catch (IllegalArgumentException e) {
            throw ApiException.malformed("unknown action");
        }
    }

    private static FullHttpResponse confirm(Visit visit, QueueChange change, QueueChanged found) {
        return visit.page(
                "queueConfirm",
                QueueConfirmPage.of(
                        visit.layout("Queue", PATH), change, found, QueueReport.summary(found, change.rehearsal())));
    }

    private static FullHttpResponse done(Visit visit, QueueChange change, QueueChanged result) {
        String summary = QueueReport.summary(result, change);
        if (result.problems().isEmpty()) {
            return visit.done(PATH, "Done: " + summary + ".");
        }
        List<String> lines = new ArrayList<>(result.problems());
        lines.add(0, summary);
        return visit.failed(200, lines, PATH);
    }
}
