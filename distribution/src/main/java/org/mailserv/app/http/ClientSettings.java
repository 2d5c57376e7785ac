package org.mailserv.app.http;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.server.tls.TlsMode;

/**
 * Tells mail programs how to set an account up: Thunderbird's autoconfig, Microsoft's autodiscover; and other servers our MTA-STS policy. For
 * a web server with a certificate in front: none of this is secret.
 */
public final class ClientSettings {
    private static final Pattern ASKED = Pattern.compile("<EMailAddress>\\s*([^<>\\s]{1,254})\\s*</EMailAddress>");

    private final MailservConfig config;

    public ClientSettings(MailservConfig config) {
        this.config = config;
    }

    /** A way in for a mail program. */
    private record Way(String protocol, MailservConfig.ListenerConfig listener) {
        String socket() {
            return listener.tlsMode() == TlsMode.IMPLICIT
                    ? "SSL"
                    : listener.tlsMode() == TlsMode.STARTTLS ? "STARTTLS" : "plain";
        }
    }

    /** The answer, or null for a path that is not ours. */
    @Nullable
    public FullHttpResponse answer(FullHttpRequest request) {
        QueryStringDecoder uri = new QueryStringDecoder(request.uri());
        return switch (uri.path().toLowerCase(Locale.ROOT)) {
            case "/mail/config-v1.1.xml", "/.well-known/autoconfig/mail/config-v1.1.xml" ->
                xml(autoconfig(domain(request, uri)));
            case "/autodiscover/autodiscover.xml" ->
                xml(autodiscover(request.content().toString(StandardCharsets.UTF_8)));
            case "/.well-known/mta-sts.txt" ->
                text(
                        "text/plain",
                        "version: STSv1\r\nmode: enforce\r\nmx: " + config.hostname() + "\r\nmax_age: 604800\r\n");
            default -> null;
        };
    }

    /** Returns the local domain of a request: that of the address, or of the host name, or the first one. */
    private String domain(FullHttpRequest request, QueryStringDecoder uri) {
        List<String> address = uri.parameters().getOrDefault("emailaddress", List.of());
        String host = request.headers()
                .get(HttpHeaderNames.HOST, "")
                .replaceAll(":.*", "")
                .toLowerCase(Locale.ROOT);
        String asked = address.isEmpty()
                ? host.replaceFirst("^(autoconfig|autodiscover|mail)\\.", "")
                : address.get(0).substring(address.get(0).lastIndexOf('@') + 1).toLowerCase(Locale.ROOT);
        return config.domains().keySet().stream()
                .filter(domain -> DomainNames.same(domain, asked))
                .findFirst()
                .orElseGet(() -> config.domains().keySet().stream().findFirst().orElse(config.hostname()));
    }

    private List<Way> ways(boolean incoming) {
        return config.listeners().stream()
                .filter(listener ->
                        incoming ? listener.kind().isPop3() : listener.kind().isSubmission())
                .sorted((one, other) ->
                        Boolean.compare(other.tlsMode() == TlsMode.IMPLICIT, one.tlsMode() == TlsMode.IMPLICIT))
                .map(listener -> new Way(incoming ? "pop3" : "smtp", listener))
                .toList();
    }

    private String autoconfig(String domain) {
        StringBuilder text = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        text.append("<clientConfig version=\"1.1\">\n  <emailProvider id=\"")
                .append(escaped(domain))
                .append("\">\n");
        text.append("    <domain>").append(escaped(domain)).append("</domain>\n");
        text.append("    <displayName>").append(escaped(domain)).append("</displayName>\n");
        for (boolean incoming : new boolean[] {true, false}) {
            String tag = incoming ? "incomingServer" : "outgoingServer";
            for (Way way : ways(incoming)) {
                text.append("    <")
                        .append(tag)
                        .append(" type=\"")
                        .append(way.protocol())
                        .append("\">\n");
                text.append("      <hostname>")
                        .append(escaped(config.hostname()))
                        .append("</hostname>\n");
                text.append("      <port>")
                        .append(way.listener().effectivePort())
                        .append("</port>\n");
                text.append("      <socketType>").append(way.socket()).append("</socketType>\n");
                text.append("      <username>%EMAILADDRESS%</username>\n");
                text.append("      <authentication>password-cleartext</authentication>\n");
                text.append("    </").append(tag).append(">\n");
            }
        }
        return text.append("  </emailProvider>\n</clientConfig>\n").toString();
    }

    private String autodiscover(String question) {
        Matcher asked = ASKED.matcher(question);
        String address = asked.find() ? asked.group(1) : "";
        StringBuilder text = new StringBuilder("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
        text.append(
                "<Autodiscover xmlns=\"http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006\">\n");
        text.append(
                "  <Response xmlns=\"http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a\">\n");
        text.append("    <Account>\n      <AccountType>email</AccountType>\n      <Action>settings</Action>\n");
        for (boolean incoming : new boolean[] {true, false}) {
            for (Way way : ways(incoming)) {
                text.append("      <Protocol>\n        <Type>")
                        .append(way.protocol().toUpperCase(Locale.ROOT));
                text.append("</Type>\n        <Server>").append(escaped(config.hostname()));
                text.append("</Server>\n        <Port>").append(way.listener().effectivePort());
                text.append("</Port>\n        <LoginName>")
                        .append(escaped(address))
                        .append("</LoginName>\n");
                text.append("        <SPA>off</SPA>\n        <SSL>")
                        .append(way.socket().equals("SSL") ? "on" : "off");
                text.append("</SSL>\n        <Encryption>");
                text.append(way.socket().equals("SSL") ? "SSL" : way.socket().equals("STARTTLS") ? "TLS" : "None");
                text.append("</Encryption>\n        <AuthRequired>on</AuthRequired>\n      </Protocol>\n");
            }
        }
        return text.append("    </Account>\n  </Response>\n</Autodiscover>\n").toString();
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    private static FullHttpResponse xml(String text) {
        return text("application/xml", text);
    }

    private static FullHttpResponse text(String type, String text) {
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, type + "; charset=utf-8");
        return response;
    }
}
