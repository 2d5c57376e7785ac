package org.mailserv.app.http.console;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.Json;
import org.mailserv.app.http.view.StaticFiles;

/** Responses of the admin page and its API, with the header fields that protect them. */
public final class HttpReplies {
    /** Style sheet and scripts are files of this server; nothing stands in the pages themselves, and nothing comes from elsewhere. */
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
                    + " connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    private HttpReplies() {}

    /** The content of a response that reports an error. */
    private record Failure(String error) {}

    public static FullHttpResponse html(HttpResponseStatus status, String text) {
        return text(status, "text/html", text);
    }

    public static FullHttpResponse plain(HttpResponseStatus status, String text) {
        return text(status, "text/plain", text);
    }

    public static FullHttpResponse json(HttpResponseStatus status, Object value) {
        return text(status, "application/json", Json.write(value) + "\n");
    }

    public static FullHttpResponse error(HttpResponseStatus status, String message) {
        return json(status, new Failure(message));
    }

    /** @param allowed methods, separated by commas */
    public static FullHttpResponse notAllowed(String allowed) {
        FullHttpResponse response = error(HttpResponseStatus.METHOD_NOT_ALLOWED, allowed + " only");
        response.headers().set(HttpHeaderNames.ALLOW, allowed);
        return response;
    }

    /** @param cookie to set, or null */
    public static FullHttpResponse redirect(String to, @Nullable String cookie) {
        FullHttpResponse response = plain(HttpResponseStatus.SEE_OTHER, "");
        response.headers().set(HttpHeaderNames.LOCATION, to);
        if (cookie != null) {
            response.headers().set(HttpHeaderNames.SET_COOKIE, cookie);
        }
        return response;
    }

    /** Returns a static file. Its URL changes with its content, so that browsers may keep it. */
    public static FullHttpResponse file(StaticFiles.StaticFile file) {
        FullHttpResponse response = text(HttpResponseStatus.OK, file.type(), file.text());
        response.headers().set(HttpHeaderNames.CACHE_CONTROL, "public, max-age=31536000, immutable");
        return response;
    }

    static FullHttpResponse text(HttpResponseStatus status, String type, String text) {
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, status, Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, type + "; charset=utf-8")
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                // Not no-referrer: browsers then send "Origin: null" with forms, which is refused as of another site.
                .set("Referrer-Policy", "same-origin")
                .set("X-Frame-Options", "DENY")
                .set("Content-Security-Policy", POLICY);
        return response;
    }
}
