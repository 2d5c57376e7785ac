package org.mailserv.app.http;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.Json;

/** Responses of the admin page and its API, with the header fields that protect them. */
final class HttpReplies {
    /** Plots colour their lines in place; nothing comes from elsewhere, and there is no script at all. */
    private static final String POLICY =
            "default-src 'none'; style-src 'self' 'unsafe-inline'; form-action 'self'; base-uri 'none';"
                    + " frame-ancestors 'none'";

    private HttpReplies() {}

    /** The content of a response that reports an error. */
    private record Failure(String error) {}

    static FullHttpResponse html(HttpResponseStatus status, String text) {
        return text(status, "text/html", text);
    }

    static FullHttpResponse plain(HttpResponseStatus status, String text) {
        return text(status, "text/plain", text);
    }

    static FullHttpResponse json(HttpResponseStatus status, Object value) {
        return text(status, "application/json", Json.write(value) + "\n");
    }

    static FullHttpResponse error(HttpResponseStatus status, String message) {
        return json(status, new Failure(message));
    }

    /** @param allowed methods, separated by commas */
    static FullHttpResponse notAllowed(String allowed) {
        FullHttpResponse response = error(HttpResponseStatus.METHOD_NOT_ALLOWED, allowed + " only");
        response.headers().set(HttpHeaderNames.ALLOW, allowed);
        return response;
    }

    /** @param cookie to set, or null */
    static FullHttpResponse redirect(String to, @Nullable String cookie) {
        FullHttpResponse response = plain(HttpResponseStatus.SEE_OTHER, "");
        response.headers().set(HttpHeaderNames.LOCATION, to);
        if (cookie != null) {
            response.headers().set(HttpHeaderNames.SET_COOKIE, cookie);
        }
        return response;
    }

    static FullHttpResponse text(HttpResponseStatus status, String type, String text) {
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, status, Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, type + "; charset=utf-8")
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .set("Referrer-Policy", "no-referrer")
                .set("X-Frame-Options", "DENY")
                .set("Content-Security-Policy", POLICY);
        return response;
    }
}
