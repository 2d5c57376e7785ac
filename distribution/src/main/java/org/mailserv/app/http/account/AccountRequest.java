package org.mailserv.app.http.account;

import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.cookie.Cookie;
import io.netty.handler.codec.http.cookie.ServerCookieDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request for the users' page: path, form and session cookie. Independent of the request's buffer. */
public final class AccountRequest {
    private static final String COOKIE = "mailserv-account";

    private final HttpMethod method;
    private final String path;
    private final Map<String, List<String>> fields;
    private final @Nullable String cookie;
    private final String client;
    private final boolean secure;

    /**
     * @param client address of the client
     * @param secure whether the browser uses TLS
     */
    public AccountRequest(FullHttpRequest request, String client, boolean secure) {
        QueryStringDecoder uri = new QueryStringDecoder(request.uri());
        method = request.method();
        path = uri.path();
        fields = method.equals(HttpMethod.POST)
                ? new QueryStringDecoder(request.content().toString(StandardCharsets.UTF_8), false).parameters()
                : Map.of();
        cookie = cookie(request);
        this.client = client;
        this.secure = secure;
    }

    private static @Nullable String cookie(FullHttpRequest request) {
        for (String header : request.headers().getAll(HttpHeaderNames.COOKIE)) {
            for (Cookie each : ServerCookieDecoder.STRICT.decode(header)) {
                if (each.name().equals(COOKIE)) {
                    return each.value();
                }
            }
        }
        return null;
    }

    String path() {
        return path;
    }

    boolean isPost() {
        return method.equals(HttpMethod.POST);
    }

    boolean isGet() {
        return method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
    }

    String client() {
        return client;
    }

    boolean isSecure() {
        return secure;
    }

    @Nullable
    String cookie() {
        return cookie;
    }

    /** Returns a cookie for the session, or one that removes it. */
    String cookie(@Nullable String session) {
        return COOKIE + "=" + (session == null ? "" : session) + "; Path=/account; HttpOnly; SameSite=Strict"
                + (session == null ? "; Max-Age=0" : "") + (secure ? "; Secure" : "");
    }

    /** Returns the first value of a field, or an empty text. */
    String field(String name) {
        List<String> values = fields(name);
        return values.isEmpty() ? "" : values.get(0);
    }

    List<String> fields(String name) {
        return fields.getOrDefault(name, List.of());
    }
}
