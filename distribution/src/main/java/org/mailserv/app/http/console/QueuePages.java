package org.mailserv.app.http.console;

import io.netty.handler.codec.http.FullHttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.MessageId;
import org.mailserv.app.api.QueueChange;
import org.mailserv.app.api.QueueChanged;
import org.mailserv.app.api.QueueQuery;
import org.mailserv.app.control.QueueReport;
import org.mailserv.app.http.view.QueueConfirmPage;
import org.mailserv.app.http.view.QueueListPage;
import org.mailserv.app.http.view.QueuedMessagePage;
import org.mailserv.app.http.view.WaitingMail;
import org.mailserv.relay.queue.QueueAdmin;

/** The queue: its destinations and messages, and changes to them. Mail that would be lost is asked about first. */
final class QueuePages {
    private static final String PATH = "/admin/queue";
    private static final int MAX_MESSAGES = 1_000;
    private static final int MAX_SHOWN = 200;

    void register(Pages pages) {
        pages.get(PATH, QueuePages::list).post(PATH, QueuePages::change).get(PATH + "/message", QueuePages::message);
    }

    private static CompletionStage<FullHttpResponse> list(Visit visit) {
        String domain = visit.field("domain");
        String text = visit.field("text");
        QueueQuery query = new QueueQuery(
                List.of(),
                null,
                null,
                domain.isEmpty() ? null : domain,
                null,
                MAX_MESSAGES,
                text.isEmpty() ? null : text,
                true);
        return visit.ask(Calls.QUEUE, query)
                .thenApply(queue -> visit.page(
                        "queue",
                        new QueueListPage(
                                visit.layout("Queue", PATH),
                                queue.stream().limit(MAX_SHOWN).toList(),
                                queue.size(),
                                WaitingMail.byDomain(queue),
                                domain,
                                text)));
    }

    /** Shows a message; its header and source only to those who may read what is confidential. */
    private static CompletionStage<FullHttpResponse> message(Visit visit) {
        String id = visit.field("id");
        if (visit.operator().may(Calls.QUEUED_SOURCE)) {
            return visit.ask(Calls.QUEUED_SOURCE, new MessageId(id))
                    .thenApply(found -> visit.page(
                            "queueMessage",
                            new QueuedMessagePage(visit.layout("Message " + id, PATH), found.message(), found)));
        }
        return visit.ask(Calls.QUEUE, QueueQuery.ofIds(List.of(id))).thenApply(found -> {
            if (found.isEmpty()) {
                return visit.failed(404, List.of("No message " + id + " is in the queue."), PATH);
            }
            return visit.page(
                    "queueMessage", new QueuedMessagePage(visit.layout("Message " + id, PATH), found.get(0), null));
        });
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
