package org.mailserv.app.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.cookie.Cookie;
import io.netty.handler.codec.http.cookie.ServerCookieDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.control.QueueChange;
import org.mailserv.app.control.QueueReport;
import org.mailserv.relay.queue.QueueFilter;
import org.mailserv.relay.queue.QueueResult;
import org.mailserv.server.account.PasswordScheme;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admin page and its API, {@code /admin} and {@code /api}: who may come in, and what is done for whom. A browser logs in with the
 * password and has a cookie of its own; programs use Basic authentication. What changes something is POST, with a token of the session or with
 * Basic. After ten wrong passwords in a minute none is looked at.
 */
public final class AdminHandler {
    private static final Logger LOG = LoggerFactory.getLogger(AdminHandler.class);
    private static final String COOKIE = "mailserv-admin";
    private static final String PAGE = "the admin page";
    private static final String API_USER = "the admin API";
    private static final int MOST_SHOWN = 1_000;
    private static final int MOST_FAILURES = 10;

    private static final Set<String> API =
            Set.of("/api/state", "/api/queue", "/api/sessions", "/api/mailboxes", "/api/traffic", "/api/log");
    private static final Set<String> POST_ONLY = Set.of("/admin/logout", "/admin/queue");
    private static final Set<String> PAGES =
            Set.of("/admin", "/admin/", "/admin/login", "/admin/style.css", "/admin/logout", "/admin/queue");

    private final String host;
    private final RequestOrigin origin;
    private final String password;
    private final AdminData data;
    private final Executor hashing;
    private final SecureRandom random = new SecureRandom();
    /** Tokens by session, for twelve hours. */
    private final Cache<String, String> sessions = Caffeine.newBuilder()
            .maximumSize(100)
            .expireAfterWrite(Duration.ofHours(12))
            .build();
    /** Hashes of passwords verified recently, because Basic authentication sends the password with each request. */
    private final Cache<String, Boolean> right = Caffeine.newBuilder()
            .maximumSize(10)
            .expireAfterWrite(Duration.ofMinutes(1))
            .build();

    private long failureMinute;
    private int failures;

    /**
     * @param names host names of the page, besides the server's own name and addresses
     * @param password hash with its scheme
     * @param hashing executor for password hashes
     */
    public AdminHandler(String host, List<String> names, String password, AdminData data, Executor hashing) {
        this.host = host;
        this.origin = new RequestOrigin(host, names);
        this.password = password;
        this.data = data;
        this.hashing = hashing;
    }

    /** Returns whether a path belongs to the admin page or its API. */
    static boolean isOurs(String path) {
        return path.equals("/admin") || path.startsWith("/admin/") || path.startsWith("/api/");
    }

    /** Answers a request. The stage never fails. The caller may release the request when this method returns. */
    CompletionStage<FullHttpResponse> answer(FullHttpRequest request) {
        QueryStringDecoder uri = new QueryStringDecoder(request.uri());
        boolean post = request.method().equals(HttpMethod.POST);
        FullHttpResponse refusal = refusal(request, uri.path(), post);
        if (refusal != null) {
            return now(refusal);
        }
        String body = request.content().toString(StandardCharsets.UTF_8);
        boolean api = uri.path().startsWith("/api/");
        Map<String, List<String>> form =
                post ? api ? Map.of() : new QueryStringDecoder(body, false).parameters() : uri.parameters();
        String cookie = cookie(request);
        String token = cookie == null ? null : sessions.getIfPresent(cookie);
        String authorization = request.headers().get(HttpHeaderNames.AUTHORIZATION);
        String type = request.headers().get(HttpHeaderNames.CONTENT_TYPE, "");
        return dispatch(new Asked(uri.path(), post, form, cookie, token, authorization, type, body))
                .exceptionally(failure -> {
                    LOG.error("event=admin-failed path={}", uri.path(), failure);
                    return text(HttpResponseStatus.INTERNAL_SERVER_ERROR, "text/plain", "failed; see the log\n");
                });
    }

    /** Rejects requests that neither the page nor an API client sends, before authentication. */
    private @Nullable FullHttpResponse refusal(FullHttpRequest request, String path, boolean post) {
        if (!origin.isForUs(request)) {
            return text(
                    HttpResponseStatus.MISDIRECTED_REQUEST,
                    "text/plain",
                    "no name of this server; http.host-names lists those of a proxy\n");
        } else if (post && origin.isForeign(request)) {
            LOG.warn(
                    "event=admin-cross-site path={} origin=\"{}\"",
                    path,
                    request.headers().get(HttpHeaderNames.ORIGIN));
            return text(HttpResponseStatus.FORBIDDEN, "text/plain", "sent by a page of another site\n");
        } else if (!post
                && !request.method().equals(HttpMethod.GET)
                && !request.method().equals(HttpMethod.HEAD)) {
            boolean known = API.contains(path) || PAGES.contains(path);
            return known ? notAllowed(path) : text(HttpResponseStatus.NOT_FOUND, "text/plain", "no such page\n");
        }
        return null;
    }

    private static FullHttpResponse notAllowed(String path) {
        String allowed = POST_ONLY.contains(path)
                ? "POST"
                : path.equals("/api/queue") || path.equals("/admin/login") ? "GET, HEAD, POST" : "GET, HEAD";
        FullHttpResponse response =
                json(HttpResponseStatus.METHOD_NOT_ALLOWED, "{\"error\":\"" + allowed + " only\"}\n");
        response.headers().set(HttpHeaderNames.ALLOW, allowed);
        return response;
    }

    /** A request, taken apart. */
    private record Asked(
            String path,
            boolean post,
            Map<String, List<String>> form,
            @Nullable String cookie,
            @Nullable String token,
            @Nullable String authorization,
            String type,
            String body) {
        String field(String name) {
            List<String> values = form.get(name);
            return values == null || values.isEmpty() ? "" : values.get(0);
        }
    }

    private CompletionStage<FullHttpResponse> dispatch(Asked asked) {
        if (asked.path().equals("/admin/style.css")) {
            return now(text(HttpResponseStatus.OK, "text/css", AdminPage.style()));
        } else if (asked.path().equals("/admin/login")) {
            return asked.post() ? login(asked) : now(redirect("/admin", null));
        } else if (asked.path().startsWith("/api/")) {
            return api(asked);
        } else if (asked.token() == null) {
            return now(html(HttpResponseStatus.OK, AdminPage.login(host, "")));
        } else if (asked.post() && !same(asked.token(), asked.field("token"))) {
            return now(text(HttpResponseStatus.FORBIDDEN, "text/plain", "the form is of another session\n"));
        }
        return inside(asked, asked.token());
    }

    private CompletionStage<FullHttpResponse> inside(Asked asked, String token) {
        if (asked.post() && asked.path().equals("/admin/logout")) {
            if (asked.cookie() != null) {
                sessions.invalidate(asked.cookie());
            }
            return now(redirect("/admin", COOKIE + "=; Path=/admin; Max-Age=0; HttpOnly; SameSite=Strict"));
        } else if (asked.post() && asked.path().equals("/admin/queue")) {
            try {
                QueueChange change = QueueChange.of(
                        asked.field("action"), asked.form().getOrDefault("id", List.of()), asked.field("domain"));
                return change.isFinal() && !asked.field("confirmed").equals("yes")
                        ? data.act(change.rehearsal(PAGE))
                                .thenApply(result ->
                                        html(HttpResponseStatus.OK, QueuePage.confirm(host, change, result, token)))
                        : data.act(change.order(PAGE)).thenApply(result -> done(change, result));
            } catch (QueueChange.Malformed e) {
                return now(text(HttpResponseStatus.BAD_REQUEST, "text/plain", e.getMessage() + "\n"));
            }
        } else if (PAGES.contains(asked.path()) && asked.post() != POST_ONLY.contains(asked.path())) {
            return now(notAllowed(asked.path()));
        } else if (asked.path().equals("/admin") || asked.path().equals("/admin/")) {
            return data.queue(new QueueFilter(Set.of(), null, null, null, MOST_SHOWN))
                    .thenCombine(
                            data.mailboxes(),
                            (queue, mailboxes) -> html(
                                    HttpResponseStatus.OK, AdminPage.overview(host, data, queue, mailboxes, token)));
        }
        return now(text(HttpResponseStatus.NOT_FOUND, "text/plain", "no such page\n"));
    }

    private FullHttpResponse done(QueueChange change, QueueResult result) {
        return result.problems().isEmpty() && !result.changes().isEmpty()
                ? redirect("/admin", null)
                : html(HttpResponseStatus.OK, QueuePage.problems(host, change.order(PAGE), result));
    }

    /** A change asked for in JSON, which a form of another site cannot send. */
    private CompletionStage<FullHttpResponse> changeByApi(Asked asked) {
        if (!asked.type().toLowerCase(Locale.ROOT).matches("application/json\\s*(;.*)?")) {
            return now(json(
                    HttpResponseStatus.UNSUPPORTED_MEDIA_TYPE,
                    "{\"error\":\"Content-Type: application/json only\"}\n"));
        }
        try {
            QueueChange change = QueueChange.ofJson(asked.body());
            return data.act(change.order(API_USER)).thenApply(result -> {
                String counts = "\"changed\":" + result.changes().size() + ",\"recipients\":" + result.recipients()
                        + ",\"problems\":" + QueueReport.strings(result.problems()) + "}\n";
                return result.changes().isEmpty() && !change.ids().isEmpty()
                        ? json(HttpResponseStatus.NOT_FOUND, "{\"error\":\"no such message\"," + counts)
                        : json(HttpResponseStatus.OK, "{" + counts);
            });
        } catch (QueueChange.Malformed e) {
            return now(json(HttpResponseStatus.BAD_REQUEST, "{\"error\":\"" + e.getMessage() + "\"}\n"));
        }
    }

    private CompletionStage<FullHttpResponse> login(Asked asked) {
        return verified(asked.field("password")).thenApply(good -> {
            if (!good) {
                return html(HttpResponseStatus.FORBIDDEN, AdminPage.login(host, "That is not the password."));
            }
            String session = secret();
            sessions.put(session, secret());
            return redirect("/admin", COOKIE + "=" + session + "; Path=/admin; HttpOnly; SameSite=Strict");
        });
    }

    private CompletionStage<FullHttpResponse> api(Asked asked) {
        String header = asked.authorization();
        CompletionStage<Boolean> allowed = header != null && header.startsWith("Basic ")
                ? verified(basicPassword(header))
                : CompletableFuture.completedFuture(false);
        return allowed.thenCompose(good -> {
            if (!good) {
                // No challenge: a browser that answered it would send the password with requests of other sites' pages.
                return now(json(HttpResponseStatus.UNAUTHORIZED, "{\"error\":\"log in with Basic\"}\n"));
            }
            return call(asked);
        });
    }

    private CompletionStage<FullHttpResponse> call(Asked asked) {
        String name = asked.path().substring("/api/".length());
        if (asked.post() && name.equals("queue")) {
            return changeByApi(asked);
        } else if (asked.post() && API.contains(asked.path())) {
            return now(notAllowed(asked.path()));
        }
        switch (name) {
            case "state" -> {
                return now(json(HttpResponseStatus.OK, AdminPage.stateJson(host, data)));
            }
            case "queue" -> {
                String domain = asked.field("domain");
                QueueFilter filter =
                        new QueueFilter(Set.of(), null, null, domain.isEmpty() ? null : domain, MOST_SHOWN);
                return data.queue(filter)
                        .thenApply(views -> json(
                                HttpResponseStatus.OK,
                                "["
                                        + QueueReport.write(views, true, true)
                                                .strip()
                                                .replace("\n", ",") + "]\n"));
            }
            case "sessions" -> {
                return now(json(HttpResponseStatus.OK, AdminPage.sessionsJson(data)));
            }
            case "mailboxes" -> {
                return data.mailboxes().thenApply(all -> json(HttpResponseStatus.OK, AdminPage.mailboxesJson(all)));
            }
            case "traffic" -> {
                return now(json(HttpResponseStatus.OK, AdminPage.trafficJson(data)));
            }
            case "log" -> {
                return now(json(HttpResponseStatus.OK, AdminPage.logJson(data)));
            }
            default -> {
                return now(json(HttpResponseStatus.NOT_FOUND, "{\"error\":\"no such resource\"}\n"));
            }
        }
    }

    private static String basicPassword(String header) {
        try {
            String pair = new String(
                    Base64.getDecoder()
                            .decode(header.substring("Basic ".length()).strip()),
                    StandardCharsets.UTF_8);
            return pair.substring(pair.indexOf(':') + 1);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    private CompletionStage<Boolean> verified(String given) {
        String key = digest(given);
        if (right.getIfPresent(key) != null) {
            return CompletableFuture.completedFuture(true);
        } else if (isLocked()) {
            return CompletableFuture.completedFuture(false);
        }
        return CompletableFuture.supplyAsync(
                () -> {
                    boolean good = PasswordScheme.verify(password, given);
                    if (good) {
                        right.put(key, true);
                    } else {
                        failed();
                    }
                    return good;
                },
                hashing);
    }

    private synchronized boolean isLocked() {
        return failureMinute == System.nanoTime() / 60_000_000_000L && failures >= MOST_FAILURES;
    }

    private synchronized void failed() {
        long minute = System.nanoTime() / 60_000_000_000L;
        failures = minute == failureMinute ? failures + 1 : 1;
        failureMinute = minute;
        LOG.warn("event=admin-login-failed");
    }

    private String digest(String text) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(password.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(sha.digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private String secret() {
        byte[] octets = new byte[24];
        random.nextBytes(octets);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(octets);
    }

    private static boolean same(String one, String other) {
        return MessageDigest.isEqual(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }

    private static @Nullable String cookie(FullHttpRequest request) {
        List<String> headers = new ArrayList<>(request.headers().getAll(HttpHeaderNames.COOKIE));
        for (String header : headers) {
            for (Cookie cookie : ServerCookieDecoder.STRICT.decode(header)) {
                if (cookie.name().equals(COOKIE)) {
                    return cookie.value();
                }
            }
        }
        return null;
    }

    private static CompletionStage<FullHttpResponse> now(FullHttpResponse response) {
        return CompletableFuture.completedFuture(response);
    }

    private static FullHttpResponse redirect(String to, @Nullable String cookie) {
        FullHttpResponse response = text(HttpResponseStatus.SEE_OTHER, "text/plain", "");
        response.headers().set(HttpHeaderNames.LOCATION, to);
        if (cookie != null) {
            response.headers().set(HttpHeaderNames.SET_COOKIE, cookie);
        }
        return response;
    }

    private static FullHttpResponse html(HttpResponseStatus status, String text) {
        return text(status, "text/html", text);
    }

    private static FullHttpResponse json(HttpResponseStatus status, String text) {
        return text(status, "application/json", text);
    }

    private static FullHttpResponse text(HttpResponseStatus status, String type, String text) {
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, status, Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, type + "; charset=utf-8")
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .set("Referrer-Policy", "no-referrer")
                .set("X-Frame-Options", "DENY")
                // Plots colour their lines in place; nothing comes from elsewhere, and there is no script at all.
                .set(
                        "Content-Security-Policy",
                        "default-src 'none'; style-src 'self' 'unsafe-inline'; form-action 'self'; base-uri 'none';"
                                + " frame-ancestors 'none'");
        return response;
    }
}
