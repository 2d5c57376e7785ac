package org.mailserv.app.http.console;

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

/** A request for a page: its path, the fields of its form or query, and its session cookie. Independent of the request's buffer. */
public final class PageRequest {
    static final String COOKIE = "mailserv-admin";

    private final HttpMethod method;
    private final String path;
    private final Map<String, List<String>> fields;
    private final @Nullable String cookie;
    private final boolean secure;

    /** @param secure whether the browser uses TLS */
    public PageRequest(FullHttpRequest request, boolean secure) {
        this.secure = secure;
        QueryStringDecoder uri = new QueryStringDecoder(request.uri());
        method = request.method();
        path = uri.path();
        fields = isPost()
                ? new QueryStringDecoder(request.content().toString(StandardCharsets.UTF_8), false).parameters()
                : uri.parameters();
        cookie = cookie(request);
    }

    private static @Nullable String cookie(FullHttpRequest request) {
        for (String header : request.headers().getAll(HttpHeaderNames.COOKIE)) {
            for (Cookie cookie : ServerCookieDecoder.STRICT.decode(header)) {
                if (cookie.name().equals(COOKIE)) {
                    return cookie.value();
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

    @Nullable
    String cookie() {
        return cookie;
    }

    /** Returns a cookie for the session, or one that removes it. */
    String cookie(@Nullable String session) {
        return COOKIE + "=" + (session == null ? "" : session) + "; Path=/admin; HttpOnly; SameSite=Strict"
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
