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
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.config.ClientService;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.codec.address.DomainNames;

/**
 * Answers mail programs that look for the settings of an account (Thunderbird's autoconfig, Microsoft's autodiscover), and other servers that
 * fetch the MTA-STS policy. The requests come through a web server with a certificate. None of the answers is secret.
 */
public final class ClientSettings {
    private static final Pattern ASKED =
            Pattern.compile("<EMailAddress>\\s*([^<>\\s\\p{Cntrl}]{1,254})\\s*</EMailAddress>");

    private final MailservConfig config;
    private final Supplier<@Nullable String> certificateProblem;

    /** @param certificateProblem returns why other servers would refuse our certificate, or null */
    public ClientSettings(MailservConfig config, Supplier<@Nullable String> certificateProblem) {
        this.config = config;
        this.certificateProblem = certificateProblem;
    }

    /** Returns the answer, or null for any other path. */
    @Nullable
    public FullHttpResponse answer(FullHttpRequest request) {
        QueryStringDecoder uri = new QueryStringDecoder(request.uri());
        return switch (uri.path().toLowerCase(Locale.ROOT)) {
            case "/mail/config-v1.1.xml", "/.well-known/autoconfig/mail/config-v1.1.xml" ->
                xml(ClientDocuments.autoconfig(domain(request, uri), ClientService.of(config)));
            case "/autodiscover/autodiscover.xml" ->
                xml(autodiscover(request.content().toString(StandardCharsets.UTF_8)));
            case "/.well-known/mta-sts.txt" -> text("text/plain", policy());
            default -> null;
        };
    }

    /** Returns our MTA-STS policy. It is enforced only while our certificate passes: otherwise others could not send us mail. RFC 8461, 5. */
    private String policy() {
        String mode = certificateProblem.get() == null ? "enforce" : "testing";
        return "version: STSv1\r\nmode: " + mode + "\r\nmx: " + config.hostname() + "\r\nmax_age: 604800\r\n";
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

    private String autodiscover(String question) {
        Matcher asked = ASKED.matcher(question);
        return ClientDocuments.autodiscover(asked.find() ? asked.group(1) : "", ClientService.of(config));
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
