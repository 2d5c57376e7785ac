package org.mailserv.app.http.console;

import io.netty.handler.codec.http.FullHttpResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.Nothing;
import org.mailserv.app.http.view.LogPage;
import org.mailserv.app.http.view.SessionsPage;

/** The open sessions, and the end of the log. */
final class SessionPages {
    private static final int MAX_SESSIONS = 500;

    void register(Pages pages) {
        pages.get("/admin/sessions", SessionPages::sessions).get("/admin/log", SessionPages::log);
    }

    private static CompletionStage<FullHttpResponse> sessions(Visit visit) {
        return visit.ask(Calls.SESSIONS, Nothing.NOTHING)
                .thenApply(sessions -> visit.page(
                        "sessions",
                        new SessionsPage(
                                visit.layout("Sessions", "/admin/sessions"),
                                sessions.stream().limit(MAX_SESSIONS).toList(),
                                sessions.size())));
    }

    private static CompletionStage<FullHttpResponse> log(Visit visit) {
        String text = visit.field("text");
        String level = visit.field("level");
        return visit.ask(Calls.LOG, Nothing.NOTHING)
                .thenApply(lines -> visit.page(
                        "log",
                        new LogPage(visit.layout("Log", "/admin/log"), newest(lines, text, level), text, level)));
    }

    private static List<LogPage.Line> newest(List<String> lines, String text, String level) {
        List<LogPage.Line> found = new ArrayList<>();
        for (String line : lines) {
            LogPage.Line parts = LogPage.Line.of(line);
            if (line.toLowerCase(Locale.ROOT).contains(text.toLowerCase(Locale.ROOT)) && parts.isAtLeast(level)) {
                found.add(parts);
            }
        }
        Collections.reverse(found);
        return found;
    }
}
