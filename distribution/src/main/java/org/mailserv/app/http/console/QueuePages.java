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
import org.mailserv.app.api.Nothing;
import org.mailserv.app.api.QueueChange;
import org.mailserv.app.api.QueueChanged;
import org.mailserv.app.api.QueueOrderId;
import org.mailserv.app.api.QueueOrderInfo;
import org.mailserv.app.api.QueueQuery;
import org.mailserv.app.control.QueueReport;
import org.mailserv.app.http.view.QueueConfirmPage;
import org.mailserv.app.http.view.QueueListPage;
import org.mailserv.app.http.view.QueuedMessagePage;
import org.mailserv.app.http.view.WaitingMail;
import org.mailserv.relay.queue.QueueAdmin;

/** The queue: its destinations and messages, and changes to them. Mail that would be lost is asked about first, and stays for some seconds. */
final class QueuePages {
    private static final String PATH = "/admin/queue";
    private static final int MAX_MESSAGES = 1_000;
    private static final int MAX_SHOWN = 200;
    private static final int UNDO_SECONDS = 10;

    void register(Pages pages) {
        pages.get(PATH, QueuePages::list)
                .post(PATH, QueuePages::change)
                .post(PATH + "/undo", QueuePages::undo)
                .get(PATH + "/message", QueuePages::message);
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
        boolean mayChange = visit.operator().may(Calls.CHANGE_QUEUE);
        return visit.ask(Calls.QUEUE, query)
                .thenCompose(queue -> visit.ask(Calls.QUEUE_SUMMARY, query)
                        .thenCompose(states -> orders(visit)
                                .thenApply(orders -> visit.page(
                                        "queue",
                                        new QueueListPage(
                                                visit.layout("Queue", PATH),
                                                queue.stream().limit(MAX_SHOWN).toList(),
                                                queue.size(),
                                                WaitingMail.byDomain(queue, states),
                                                mayChange,
                                                orders,
                                                domain,
                                                text,
                                                visit.field("polled").equals("yes"))))));
    }

    private static CompletionStage<List<QueueOrderInfo>> orders(Visit visit) {
        return visit.operator().may(Calls.QUEUE_ORDERS)
                ? visit.ask(Calls.QUEUE_ORDERS, Nothing.NOTHING)
                : CompletableFuture.completedFuture(List.of());
    }

    private static CompletionStage<FullHttpResponse> undo(Visit visit) {
        visit.returnTo(PATH);
        return visit.ask(Calls.UNDO_ORDER, new QueueOrderId(visit.field("order")))
                .thenApply(undone -> visit.done(PATH, QueueListPage.words(undone)));
    }

    /** Shows a message; its header and source only to those who may read what is confidential. */
    private static CompletionStage<FullHttpResponse> message(Visit visit) {
        String id = visit.field("id");
        visit.returnTo(PATH);
        if (visit.operator().may(Calls.QUEUED_SOURCE)) {
            return visit.ask(Calls.QUEUED_SOURCE, new MessageId(id))
                    .thenApply(found -> visit.page(
                            "queueMessage",
                            new QueuedMessagePage(visit.layout("Message " + id, PATH), found.message(), found, true)));
        }
        return visit.ask(Calls.QUEUE, QueueQuery.ofIds(List.of(id)).withSubjects())
                .thenApply(found -> {
                    if (found.isEmpty()) {
                        return visit.failed(404, List.of("No message " + id + " is in the queue."), PATH);
                    }
                    return visit.page(
                            "queueMessage",
                            new QueuedMessagePage(visit.layout("Message " + id, PATH), found.get(0), null, false));
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
        QueueChange order = asked ? change.rehearsal() : change.isFinal() ? change.withUndo(UNDO_SECONDS) : change;
        return visit.ask(Calls.CHANGE_QUEUE, order)
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
        if (result.order() != null) {
            // The page shows the order, with the way to undo it.
            return HttpReplies.redirect(PATH, null);
        }
        String summary = QueueReport.summary(result, change);
        if (result.problems().isEmpty()) {
            return visit.done(PATH, "Done: " + summary + ".");
        }
        List<String> lines = new ArrayList<>(result.problems());
        lines.add(0, summary);
        return visit.failed(200, lines, PATH);
    }
}
