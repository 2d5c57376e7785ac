package org.mailserv.app.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.NetUtil;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Checks the origin of requests to the admin page, so that pages of other sites cannot act with a user's session (CSRF, DNS rebinding). */
public final class RequestOrigin {
    private final List<String> names;

    /**
     * @param hostname of the server
     * @param names further names by which the page may be called
     */
    RequestOrigin(String hostname, List<String> names) {
        this.names = Stream.concat(Stream.of(hostname), names.stream())
                .map(name -> name.toLowerCase(Locale.ROOT))
                .toList();
    }

    /**
     * Returns whether the request names this server by an address, by a name without a dot, or by one of its names. Any other name may be
     * a stranger's that leads here for a moment (DNS rebinding).
     */
    boolean isForUs(HttpRequest request) {
        String host = host(request.headers().get(HttpHeaderNames.HOST));
        return host == null
                || host.indexOf('.') < 0
                || NetUtil.isValidIpV4Address(host)
                || host.endsWith(".localhost")
                || names.contains(host);
    }

    /** Returns whether a browser sent the request for a page of another site. Programs send none of these fields. */
    boolean isForeign(HttpRequest request) {
        String site = request.headers().get("Sec-Fetch-Site");
        if (site != null && !site.equals("same-origin") && !site.equals("none")) {
            return true;
        }
        String origin = request.headers().get(HttpHeaderNames.ORIGIN);
        String from = origin != null ? origin : request.headers().get(HttpHeaderNames.REFERER);
        if (from == null) {
            return false;
        }
        String authority = authority(from);
        String ours = request.headers().get(HttpHeaderNames.HOST);
        return authority == null
                || ours == null
                || !authority.equalsIgnoreCase(ours) && !names.contains(String.valueOf(host(authority)));
    }

    private static @Nullable String authority(String uri) {
        try {
            return URI.create(uri).getRawAuthority();
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Returns the host of HOST:PORT in lower case; an IPv6 literal has no dot that matters. */
    private static @Nullable String host(@Nullable String authority) {
        if (authority == null) {
            return null;
        }
        if (authority.startsWith("[")) {
            return "[]";
        }
        int colon = authority.indexOf(':');
        String host = (colon < 0 ? authority : authority.substring(0, colon)).toLowerCase(Locale.ROOT);
        return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    }
}
