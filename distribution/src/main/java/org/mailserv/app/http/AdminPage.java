package org.mailserv.app.http;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.ToLongFunction;
import org.mailserv.app.api.MailboxUsage;
import org.mailserv.app.api.QueueMessage;
import org.mailserv.app.api.ServerState;
import org.mailserv.app.api.SessionInfo;
import org.mailserv.app.api.TrafficHistory;

/** The admin page as HTML, and what is on it as JSON. Pure text: what goes in is data, and what anybody may have named is escaped. */
public final class AdminPage {
    private static final String STYLE = """
        :root{color-scheme:light dark;--fg:#1b1f24;--bg:#fff;--soft:#57606a;--line:#d0d7de;--box:#f6f8fa;--good:#1a7f37;--bad:#cf222e;--a:#0969da;--b:#bc4c00}
        @media(prefers-color-scheme:dark){:root{--fg:#e6edf3;--bg:#0d1117;--soft:#8b949e;--line:#30363d;--box:#161b22;--good:#3fb950;--bad:#f85149;--a:#58a6ff;--b:#f0883e}}
        *{box-sizing:border-box}body{margin:0;font:15px/1.5 system-ui,sans-serif;color:var(--fg);background:var(--bg)}
        main,header{max-width:70rem;margin:auto;padding:0 1rem}header{display:flex;flex-wrap:wrap;gap:1rem;align-items:baseline;padding-top:1rem}
        h1{font-size:1.3rem;margin:0}h2{font-size:1.05rem;margin:1.6rem 0 .5rem}.soft{color:var(--soft)}.good{color:var(--good)}.bad{color:var(--bad)}
        .wide{overflow-x:auto}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
        th{font-weight:600;color:var(--soft)}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
        button,input{font:inherit;color:inherit;background:var(--box);border:1px solid var(--line);border-radius:6px;padding:.2rem .6rem}
        button:focus-visible,a:focus-visible,input:focus-visible,summary:focus-visible{outline:2px solid var(--a);outline-offset:2px}
        form{display:inline}pre{background:var(--box);border:1px solid var(--line);border-radius:6px;padding:.6rem;overflow:auto;max-height:20rem;font-size:.8rem}
        .plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(18rem,1fr));gap:1rem}figure{margin:0}figcaption{color:var(--soft)}svg{width:100%;height:auto;display:block;background:var(--box);border:1px solid var(--line);border-radius:6px}
        .queue td:last-child{white-space:nowrap}.queue button{margin:0 0 .2rem}
        @media(max-width:50rem){.queue thead{display:none}.queue tr{display:block;border-bottom:1px solid var(--line);padding:.4rem 0}.queue td,.queue td.n{display:block;border:0;padding:.1rem 0;text-align:left;white-space:normal}.queue td[data-of]:not(:empty)::before{content:attr(data-of) " ";color:var(--soft)}.queue td:first-child{font-weight:600}}
        .login{max-width:20rem;margin:4rem auto;padding:0 1rem}.login input{width:100%;margin:.3rem 0 .8rem}
        """;

    private AdminPage() {}

    static String style() {
        return STYLE;
    }

    /** Text that is shown as it is. */
    static String escape(String text) {
        StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '&' -> escaped.append("&amp;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.append(c);
            }
        }
        return escaped.toString();
    }

    static String page(String title, String body) {
        return "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\""
                + " content=\"width=device-width,initial-scale=1\"><title>" + escape(title)
                + "</title><link rel=\"stylesheet\" href=\"/admin/style.css\"></head><body>" + body
                + "</body></html>\n";
    }

    static String login(String host, String problem) {
        return page(
                "mailserv " + host,
                "<main class=\"login\"><h1>" + escape(host) + "</h1>"
                        + (problem.isEmpty() ? "" : "<p class=\"bad\" role=\"alert\">" + escape(problem) + "</p>")
                        + "<form method=\"post\" action=\"/admin/login\"><label>Password<input type=\"password\""
                        + " name=\"password\" autocomplete=\"current-password\" autofocus required></label><button>Log"
                        + " in</button></form></main>");
    }

    /**
     * The data of the page.
     *
     * @param token of the session
     */
    record Overview(
            ServerState state,
            TrafficHistory traffic,
            List<QueueMessage> queue,
            List<SessionInfo> sessions,
            List<MailboxUsage> mailboxes,
            List<String> log,
            String token) {}

    /** Returns the whole page. */
    static String overview(Overview page) {
        ServerState state = page.state();
        String host = state.host();
        String token = page.token();
        StringBuilder html =
                new StringBuilder("<header><h1>").append(escape(host)).append("</h1><span class=\"");
        String trouble = state.trouble();
        html.append(trouble.isEmpty() ? "good\">takes mail" : "bad\">" + escape(trouble))
                .append("</span><span class=\"soft\">")
                .append(escape(state.version()))
                .append(", up ")
                .append(words(Duration.between(state.since(), Instant.now())))
                .append("</span>")
                .append("<form method=\"post\" action=\"/admin/logout\"><input type=\"hidden\" name=\"token\" value=\"")
                .append(token)
                .append("\"><button>Log out</button></form>")
                .append("</header><main>");
        for (String account : state.braked()) {
            html.append("<p class=\"bad\" role=\"alert\">Mail of ")
                    .append(escape(account))
                    .append(" is held: it sends many times its habit. <code>mailserv user release</code></p>");
        }
        warnings(html, state.certificateWarnings());
        html.append("<h2>Traffic</h2><div class=\"plots\">")
                .append(plot("The last hour, by minute", page.traffic().hour()))
                .append(plot("The last day, by half hour", page.traffic().day()))
                .append("</div>");
        QueuePage.table(html, page.queue(), state.queued(), token);
        sessions(html, page.sessions());
        mailboxes(html, page.mailboxes());
        certificates(html, state.certificates());
        html.append("<h2>DNS</h2><p>Asks ")
                .append(state.dns().isEmpty() ? "the servers of this machine" : escape(String.join(", ", state.dns())))
                .append(". <span class=\"soft\"><code>mailserv dns-check</code> looks at what is published.</span></p>")
                .append("<h2>Log</h2><pre tabindex=\"0\">");
        page.log().forEach(line -> html.append(escape(line)).append('\n'));
        return page("mailserv " + host, html.append("</pre></main>").toString());
    }

    private static String plot(String title, List<TrafficHistory.Counts> values) {
        long top = Math.max(
                1,
                values.stream()
                        .mapToLong(value -> Math.max(value.accepted(), value.delivered()))
                        .max()
                        .orElse(1));
        return "<figure><svg viewBox=\"0 0 480 130\" role=\"img\" aria-label=\"" + title + "\">"
                + line(values, TrafficHistory.Counts::accepted, top, "var(--a)")
                + line(values, TrafficHistory.Counts::delivered, top, "var(--good)")
                + line(values, TrafficHistory.Counts::deferred, top, "var(--b)")
                + line(values, TrafficHistory.Counts::refused, top, "var(--bad)")
                + "<text x=\"4\" y=\"12\" font-size=\"10\" fill=\"var(--soft)\">" + top + "</text></svg><figcaption>"
                + title
                + ": accepted <b style=\"color:var(--a)\">" + sum(values, TrafficHistory.Counts::accepted)
                + "</b>, delivered <b class=\"good\">" + sum(values, TrafficHistory.Counts::delivered)
                + "</b>, put off <b style=\"color:var(--b)\">" + sum(values, TrafficHistory.Counts::deferred)
                + "</b>, refused <b class=\"bad\">" + sum(values, TrafficHistory.Counts::refused)
                + "</b></figcaption></figure>";
    }

    private static long sum(List<TrafficHistory.Counts> values, ToLongFunction<TrafficHistory.Counts> which) {
        return values.stream().mapToLong(which).sum();
    }

    private static String line(
            List<TrafficHistory.Counts> values, ToLongFunction<TrafficHistory.Counts> which, long top, String colour) {
        StringBuilder points = new StringBuilder();
        for (int i = 0; i < values.size(); i++) {
            long x = 480L * i / Math.max(1, values.size() - 1);
            long y = 125 - 110 * Math.min(top, which.applyAsLong(values.get(i))) / top;
            points.append(x).append(',').append(y).append(' ');
        }
        return "<polyline fill=\"none\" stroke=\"" + colour + "\" stroke-width=\"1.5\" points=\"" + points + "\"/>";
    }

    private static void sessions(StringBuilder html, List<SessionInfo> sessions) {
        html.append("<h2>Sessions</h2>");
        if (sessions.isEmpty()) {
            html.append("<p>None is open.</p>");
            return;
        }
        html.append(
                "<div class=\"wide\"><table><thead><tr><th>Kind<th>Peer<th>State<th>Command<th class=\"n\">Seconds<th"
                        + " class=\"n\">Octets in<th class=\"n\">out</tr></thead><tbody>");
        for (SessionInfo view : sessions.subList(0, Math.min(sessions.size(), 200))) {
            html.append("<tr><td>").append(escape(view.kind())).append("<td>").append(escape(view.peer()));
            html.append("<td>").append(escape(view.state())).append("<td>").append(escape(view.command()));
            html.append("<td class=\"n\">")
                    .append(Duration.between(view.since(), Instant.now()).toSeconds())
                    .append("<td class=\"n\">")
                    .append(view.octetsIn())
                    .append("<td class=\"n\">")
                    .append(view.octetsOut());
        }
        html.append("</tbody></table></div>");
    }

    private static void mailboxes(StringBuilder html, List<MailboxUsage> mailboxes) {
        html.append("<h2>Mailboxes</h2><div class=\"wide\"><table><thead><tr><th>Mailbox<th class=\"n\">Messages<th"
                + " class=\"n\">KiB</tr></thead><tbody>");
        for (MailboxUsage mailbox : mailboxes) {
            html.append("<tr><td>")
                    .append(escape(mailbox.mailbox()))
                    .append("<td class=\"n\">")
                    .append(mailbox.messages())
                    .append("<td class=\"n\">")
                    .append((mailbox.octets() + 1023) / 1024);
        }
        html.append("</tbody></table></div>");
    }

    private static void warnings(StringBuilder html, List<String> warnings) {
        for (String warning : warnings) {
            html.append("<p class=\"bad\" role=\"alert\">")
                    .append(escape(warning))
                    .append("</p>");
        }
    }

    private static void certificates(StringBuilder html, List<ServerState.CertificateInfo> certificates) {
        html.append("<h2>Certificates</h2>");
        if (certificates.isEmpty()) {
            html.append("<p>No listener has TLS.</p>");
            return;
        }
        html.append("<ul>");
        for (ServerState.CertificateInfo view : certificates) {
            long days = Duration.between(Instant.now(), view.notAfter()).toDays();
            html.append("<li>")
                    .append(escape(String.join(", ", view.names())))
                    .append(": <span class=\"")
                    .append(days < 14 ? "bad" : "good")
                    .append("\">")
                    .append(days < 0 ? "expired" : days + " days left")
                    .append("</span> <span class=\"soft\">")
                    .append(escape(view.file()))
                    .append("</span>");
        }
        html.append("</ul>");
    }

    private static String words(Duration time) {
        return time.toDays() > 0
                ? time.toDays() + " days"
                : time.toHours() > 0 ? time.toHours() + " hours" : time.toMinutes() + " minutes";
    }
}
