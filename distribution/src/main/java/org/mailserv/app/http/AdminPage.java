package org.mailserv.app.http;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.ToLongFunction;
import org.mailserv.app.Version;
import org.mailserv.app.control.QueueReport;
import org.mailserv.app.metrics.Traffic;
import org.mailserv.relay.queue.QueueView;
import org.mailserv.server.net.SessionRegistry;
import org.mailserv.server.tls.ServerTls;

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
                        + "<form method=\"post\" action=\"/admin/login\"><label>Password<input type=\"password\" name=\"password\""
                        + " autocomplete=\"current-password\" autofocus required></label><button>Log in</button></form></main>");
    }

    /** The whole page. */
    static String overview(
            String host, AdminData data, List<QueueView> queue, List<AdminData.Mailbox> mailboxes, String token) {
        StringBuilder html =
                new StringBuilder("<header><h1>").append(escape(host)).append("</h1><span class=\"");
        String trouble = data.trouble();
        html.append(trouble.isEmpty() ? "good\">takes mail" : "bad\">" + escape(trouble))
                .append("</span><span class=\"soft\">")
                .append(escape(Version.text()))
                .append(", up ")
                .append(words(
                        Duration.ofMillis(ManagementFactory.getRuntimeMXBean().getUptime())))
                .append("</span>")
                .append("<form method=\"post\" action=\"/admin/logout\"><input type=\"hidden\" name=\"token\" value=\"")
                .append(token)
                .append("\"><button>Log out</button></form>")
                .append("</header><main>");
        for (String account : data.braked()) {
            html.append("<p class=\"bad\" role=\"alert\">Mail of ")
                    .append(escape(account))
                    .append(" is held: it sends many times its habit. <code>mailserv user release</code></p>");
        }
        html.append("<h2>Traffic</h2><div class=\"plots\">")
                .append(plot("The last hour, by minute", data.traffic(60, 60)))
                .append(plot("The last day, by half hour", data.traffic(Traffic.MINUTES, 48)))
                .append("</div>");
        QueuePage.table(html, queue, data.queued(), token);
        sessions(html, data.sessions());
        mailboxes(html, mailboxes);
        certificates(html, data.certificates());
        html.append("<h2>DNS</h2><p>Asks ")
                .append(data.dns().isEmpty() ? "the servers of this machine" : escape(String.join(", ", data.dns())))
                .append(". <span class=\"soft\"><code>mailserv dns-check</code> looks at what is published.</span></p>")
                .append("<h2>Log</h2><pre tabindex=\"0\">");
        data.log().forEach(line -> html.append(escape(line)).append('\n'));
        return page("mailserv " + host, html.append("</pre></main>").toString());
    }

    private static String plot(String title, List<Traffic.Minute> values) {
        long top = Math.max(
                1,
                values.stream()
                        .mapToLong(value -> Math.max(value.accepted(), value.delivered()))
                        .max()
                        .orElse(1));
        return "<figure><svg viewBox=\"0 0 480 130\" role=\"img\" aria-label=\"" + title + "\">"
                + line(values, Traffic.Minute::accepted, top, "var(--a)")
                + line(values, Traffic.Minute::delivered, top, "var(--good)")
                + line(values, Traffic.Minute::deferred, top, "var(--b)")
                + line(values, Traffic.Minute::refused, top, "var(--bad)")
                + "<text x=\"4\" y=\"12\" font-size=\"10\" fill=\"var(--soft)\">" + top + "</text></svg><figcaption>"
                + title
                + ": accepted <b style=\"color:var(--a)\">" + sum(values, Traffic.Minute::accepted)
                + "</b>, delivered <b class=\"good\">" + sum(values, Traffic.Minute::delivered)
                + "</b>, put off <b style=\"color:var(--b)\">" + sum(values, Traffic.Minute::deferred)
                + "</b>, refused <b class=\"bad\">" + sum(values, Traffic.Minute::refused)
                + "</b></figcaption></figure>";
    }

    private static long sum(List<Traffic.Minute> values, ToLongFunction<Traffic.Minute> which) {
        return values.stream().mapToLong(which).sum();
    }

    private static String line(
            List<Traffic.Minute> values, ToLongFunction<Traffic.Minute> which, long top, String colour) {
        StringBuilder points = new StringBuilder();
        for (int i = 0; i < values.size(); i++) {
            long x = 480L * i / Math.max(1, values.size() - 1);
            long y = 125 - 110 * Math.min(top, which.applyAsLong(values.get(i))) / top;
            points.append(x).append(',').append(y).append(' ');
        }
        return "<polyline fill=\"none\" stroke=\"" + colour + "\" stroke-width=\"1.5\" points=\"" + points + "\"/>";
    }

    private static void sessions(StringBuilder html, List<SessionRegistry.View> sessions) {
        html.append("<h2>Sessions</h2>");
        if (sessions.isEmpty()) {
            html.append("<p>None is open.</p>");
            return;
        }
        html.append(
                "<div class=\"wide\"><table><thead><tr><th>Kind<th>Peer<th>State<th>Command<th class=\"n\">Seconds<th"
                        + " class=\"n\">Octets in<th class=\"n\">out</tr></thead><tbody>");
        for (SessionRegistry.View view : sessions.subList(0, Math.min(sessions.size(), 200))) {
            html.append("<tr><td>")
                    .append(escape(view.kind().label()))
                    .append("<td>")
                    .append(escape(view.peer()));
            html.append("<td>")
                    .append(escape(view.state().label()))
                    .append("<td>")
                    .append(escape(view.command()));
            html.append("<td class=\"n\">")
                    .append(Duration.between(view.since(), Instant.now()).toSeconds())
                    .append("<td class=\"n\">")
                    .append(view.octetsIn())
                    .append("<td class=\"n\">")
                    .append(view.octetsOut());
        }
        html.append("</tbody></table></div>");
    }

    private static void mailboxes(StringBuilder html, List<AdminData.Mailbox> mailboxes) {
        html.append("<h2>Mailboxes</h2><div class=\"wide\"><table><thead><tr><th>Mailbox<th class=\"n\">Messages<th"
                + " class=\"n\">KiB</tr></thead><tbody>");
        for (AdminData.Mailbox mailbox : mailboxes) {
            html.append("<tr><td>")
                    .append(escape(mailbox.name()))
                    .append("<td class=\"n\">")
                    .append(mailbox.messages())
                    .append("<td class=\"n\">")
                    .append((mailbox.octets() + 1023) / 1024);
        }
        html.append("</tbody></table></div>");
    }

    private static void certificates(StringBuilder html, List<ServerTls.CertificateView> certificates) {
        html.append("<h2>Certificates</h2>");
        if (certificates.isEmpty()) {
            html.append("<p>No listener has TLS.</p>");
            return;
        }
        html.append("<ul>");
        for (ServerTls.CertificateView view : certificates) {
            long days = Duration.between(Instant.now(), view.notAfter()).toDays();
            html.append("<li>")
                    .append(escape(String.join(", ", view.names())))
                    .append(": <span class=\"")
                    .append(days < 14 ? "bad" : "good")
                    .append("\">")
                    .append(days < 0 ? "expired" : days + " days left")
                    .append("</span> <span class=\"soft\">")
                    .append(escape(view.file().toString()))
                    .append("</span>");
        }
        html.append("</ul>");
    }

    private static String words(Duration time) {
        return time.toDays() > 0
                ? time.toDays() + " days"
                : time.toHours() > 0 ? time.toHours() + " hours" : time.toMinutes() + " minutes";
    }

    private static String when(Instant time) {
        long seconds = Duration.between(Instant.now(), time).toSeconds();
        return seconds <= 0 ? "now" : "in " + words(Duration.ofSeconds(seconds + 59));
    }

    /** The state in short, as JSON. */
    static String stateJson(String host, AdminData data) {
        StringBuilder json = new StringBuilder("{\"host\":").append(QueueReport.quoted(host));
        json.append(",\"version\":").append(QueueReport.quoted(Version.text()));
        json.append(",\"trouble\":").append(QueueReport.quoted(data.trouble()));
        json.append(",\"queued\":").append(data.queued());
        json.append(",\"sessions\":").append(data.sessions().size());
        json.append(",\"braked\":").append(strings(data.braked()));
        json.append(",\"dns\":").append(strings(data.dns())).append(",\"certificates\":[");
        String comma = "";
        for (ServerTls.CertificateView view : data.certificates()) {
            json.append(comma)
                    .append("{\"names\":")
                    .append(strings(List.copyOf(view.names())))
                    .append(",\"not_after\":")
                    .append(QueueReport.quoted(view.notAfter().toString()))
                    .append('}');
            comma = ",";
        }
        return json.append("]}\n").toString();
    }

    private static String strings(List<String> texts) {
        return "[" + String.join(",", texts.stream().map(QueueReport::quoted).toList()) + "]";
    }

    static String logJson(AdminData data) {
        return strings(data.log()) + "\n";
    }

    static String sessionsJson(AdminData data) {
        return "["
                + String.join(
                        ",",
                        data.sessions().stream()
                                .map(view -> "{\"id\":" + QueueReport.quoted(view.id()) + ",\"kind\":"
                                        + QueueReport.quoted(view.kind().label()) + ",\"peer\":"
                                        + QueueReport.quoted(view.peer())
                                        + ",\"since\":"
                                        + QueueReport.quoted(view.since().toString()) + ",\"state\":"
                                        + QueueReport.quoted(view.state().label()) + ",\"command\":"
                                        + QueueReport.quoted(view.command()) + ",\"octets_in\":" + view.octetsIn()
                                        + ",\"octets_out\":" + view.octetsOut() + "}")
                                .toList())
                + "]\n";
    }

    static String mailboxesJson(List<AdminData.Mailbox> mailboxes) {
        return "["
                + String.join(
                        ",",
                        mailboxes.stream()
                                .map(mailbox -> "{\"mailbox\":" + QueueReport.quoted(mailbox.name()) + ",\"messages\":"
                                        + mailbox.messages() + ",\"octets\":" + mailbox.octets() + "}")
                                .toList())
                + "]\n";
    }

    static String trafficJson(AdminData data) {
        return "{\"hour\":" + minutes(data.traffic(60, 60)) + ",\"day\":" + minutes(data.traffic(Traffic.MINUTES, 48))
                + "}\n";
    }

    private static String minutes(List<Traffic.Minute> minutes) {
        return "["
                + String.join(
                        ",",
                        minutes.stream()
                                .map(minute -> "{\"accepted\":" + minute.accepted() + ",\"delivered\":"
                                        + minute.delivered() + ",\"deferred\":" + minute.deferred() + ",\"refused\":"
                                        + minute.refused() + "}")
                                .toList())
                + "]";
    }
}
