package org.mailserv.app.http;

import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.Json;
import org.mailserv.app.api.QueueChange;
import org.mailserv.app.api.QueueChanged;
import org.mailserv.app.api.QueueMessage;
import org.mailserv.app.control.QueueReport;
import org.mailserv.relay.queue.QueueAdmin;

/** The queue on the admin page: a table of destinations, and the question before mail is dropped. */
final class QueuePage {
    private static final int MOST_LISTED = 20;

    private QueuePage() {}

    /** The mail that waits for one domain. */
    private static final class Waiting {
        long messages;
        long held;
        String error = "";
        String holds = "";
        String waiting = "";

        @Nullable
        Instant next;

        void add(QueueMessage view, QueueMessage.RecipientInfo recipient) {
            messages++;
            QueueMessage.HoldInfo hold = view.hold();
            if (hold != null) {
                held++;
                holds = holds.isEmpty() ? "On hold " + QueueReport.held(hold) : holds;
            }
            error = recipient.reply() == null ? error : recipient.reply();
            Instant time = recipient.nextTry();
            if (time != null && (next == null || time.isBefore(next))) {
                next = time;
                waiting = recipient.waiting() == null ? "" : recipient.waiting();
            }
        }

        /** Returns why it waits: the last error, the back-off, and holds, each once. */
        String reasons() {
            Set<String> lines = new LinkedHashSet<>();
            lines.add(error.isEmpty() || waiting.contains(error) ? "" : error);
            lines.add(waiting);
            lines.add(holds);
            lines.remove("");
            return String.join("; ", lines);
        }
    }

    /** Writes the table of destinations. */
    static void table(StringBuilder html, List<QueueMessage> queue, int all, String token) {
        html.append("<h2>Queue</h2><p>")
                .append(all)
                .append(all == 1 ? " message waits" : " messages wait")
                .append(queue.size() < all ? " (the first " + queue.size() + " are shown)" : "")
                .append(".</p>");
        Map<String, Waiting> byDomain = new TreeMap<>();
        for (QueueMessage view : queue) {
            for (QueueMessage.RecipientInfo recipient : view.recipients()) {
                if (recipient.isPending()) {
                    byDomain.computeIfAbsent(recipient.domain(), key -> new Waiting())
                            .add(view, recipient);
                }
            }
        }
        if (byDomain.isEmpty()) {
            return;
        }
        html.append("<div class=\"wide\"><table class=\"queue\"><thead><tr><th>Destination<th class=\"n\">Waiting"
                + "<th class=\"n\">Held<th>Next try<th>Reason<th></tr></thead><tbody>");
        byDomain.forEach((domain, waiting) -> row(html, domain, waiting, token));
        html.append("</tbody></table></div>");
    }

    private static void row(StringBuilder html, String domain, Waiting waiting, String token) {
        Instant next = waiting.next;
        html.append("<tr><td>")
                .append(AdminPage.escape(domain))
                .append("<td class=\"n\" data-of=\"waiting\">")
                .append(waiting.messages)
                .append("<td class=\"n\" data-of=\"held\">")
                .append(waiting.held)
                .append("<td data-of=\"next try\">")
                .append(next == null ? "held" : QueueReport.when(next))
                .append("<td data-of=\"reason\">")
                .append(AdminPage.escape(waiting.reasons()))
                .append("<td>");
        for (QueueAdmin.Action action : QueueAdmin.Action.values()) {
            String verb = action.label();
            boolean dangerous = action == QueueAdmin.Action.REMOVE || action == QueueAdmin.Action.BOUNCE;
            html.append(form(token, verb, "domain", List.of(domain), ""))
                    .append("<button")
                    .append(
                            dangerous
                                    ? " class=\"bad\" aria-label=\"" + verb + " all for " + AdminPage.escape(domain)
                                            + "\""
                                    : "")
                    .append('>')
                    .append(verb)
                    .append("</button></form> ");
        }
    }

    private static String form(String token, String action, String name, Iterable<String> values, String more) {
        StringBuilder html = new StringBuilder("<form method=\"post\" action=\"/admin/queue\">");
        hidden(html, "token", token);
        hidden(html, "action", action);
        values.forEach(value -> hidden(html, name, value));
        return html.append(more).toString();
    }

    private static void hidden(StringBuilder html, String name, String value) {
        html.append("<input type=\"hidden\" name=\"")
                .append(name)
                .append("\" value=\"")
                .append(AdminPage.escape(value))
                .append("\">");
    }

    /** Returns the question before recipients are removed or bounced, with what a dry run found. */
    static String confirm(String host, QueueChange change, QueueChanged found, String token) {
        boolean bounce = change.action() == QueueAdmin.Action.BOUNCE;
        int recipients = found.recipients();
        StringBuilder html = new StringBuilder("<main><h1>")
                .append(bounce ? "Return mail to its senders?" : "Remove mail from the queue?")
                .append("</h1><p>")
                .append(AdminPage.escape(QueueReport.summary(found, change.rehearsal())))
                .append(" (")
                .append(AdminPage.escape(selection(change)))
                .append("). ")
                .append(
                        bounce
                                ? "Their senders get a notice that an administrator cancelled the delivery."
                                : "They will not get it, and nobody is told.")
                .append(" Other recipients of the same messages stay in the queue.</p>");
        found.problems()
                .forEach(line -> html.append("<p class=\"bad\">")
                        .append(AdminPage.escape(line))
                        .append("</p>"));
        list(html, found);
        if (recipients > 0) {
            StringBuilder more = new StringBuilder();
            hidden(more, "confirmed", "yes");
            hidden(more, "domain", change.domain() == null ? "" : change.domain());
            html.append(form(
                            token,
                            Json.label(Objects.requireNonNull(change.action())),
                            "id",
                            change.id(),
                            more.toString()))
                    .append("<button class=\"bad\">")
                    .append(bounce ? "Return " : "Remove ")
                    .append(recipients)
                    .append(recipients == 1 ? " recipient" : " recipients")
                    .append("</button></form> ");
        }
        return AdminPage.page(
                "mailserv " + host,
                html.append("<a href=\"/admin\">Cancel</a></main>").toString());
    }

    private static void list(StringBuilder html, QueueChanged found) {
        int recipients = found.recipients();
        html.append("<ul>");
        found.messages().stream()
                .flatMap(each -> each.changed().stream()
                        .map(address ->
                                each.message().id() + " from <" + each.message().sender() + "> to <" + address + ">"))
                .limit(MOST_LISTED)
                .forEach(line -> html.append("<li>").append(AdminPage.escape(line)));
        html.append(recipients > MOST_LISTED ? "<li>and " + (recipients - MOST_LISTED) + " more" : "")
                .append("</ul>");
    }

    private static String selection(QueueChange change) {
        return change.domain() != null ? "domain " + change.domain() : "id " + String.join(", ", change.id());
    }

    /** Returns what could not be done. */
    static String problems(String host, QueueChange change, QueueChanged result) {
        StringBuilder html = new StringBuilder("<main><h1>Queue</h1><p>")
                .append(AdminPage.escape(QueueReport.summary(result, change)))
                .append("</p>");
        result.problems()
                .forEach(line -> html.append("<p class=\"bad\" role=\"alert\">")
                        .append(AdminPage.escape(line))
                        .append("</p>"));
        return AdminPage.page(
                "mailserv " + host,
                html.append("<p><a href=\"/admin\">Back</a></p></main>").toString());
    }
}
