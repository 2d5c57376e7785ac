package org.mailserv.app.http.console;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.Operator;
import org.mailserv.server.account.PasswordScheme;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logins to the admin page and its API, and the sessions of browsers. After ten wrong passwords in a minute no password is accepted for the
 * rest of it. Thread-safe; nothing blocks.
 */
public final class AdminLogin {
    private static final Logger LOG = LoggerFactory.getLogger(AdminLogin.class);
    private static final int MOST_FAILURES = 10;

    private final String password;
    private final Executor hashing;
    private final SecureRandom random = new SecureRandom();

    private final Cache<String, Session> sessions = Caffeine.newBuilder()
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

    /** A session of a browser. Thread-safe. */
    static final class Session {
        private final String id;
        private final String token;
        private final Operator operator;
        private final AtomicReference<@Nullable String> notice = new AtomicReference<>();

        Session(String id, String token, Operator operator) {
            this.id = id;
            this.token = token;
            this.operator = operator;
        }

        /** Returns the value of its cookie. */
        String id() {
            return id;
        }

        /** Returns a secret that every form of the session carries. */
        String token() {
            return token;
        }

        Operator operator() {
            return operator;
        }

        boolean owns(String given) {
            return MessageDigest.isEqual(
                    token.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
        }

        /** Keeps the result of a change for the next page. */
        void leaveNotice(String text) {
            notice.set(text);
        }

        /** Returns the result of the last change once, then null. */
        @Nullable
        String takeNotice() {
            return notice.getAndSet(null);
        }
    }

    /**
     * @param password hash with its scheme
     * @param hashing executor for password hashes
     */
    public AdminLogin(String password, Executor hashing) {
        this.password = password;
        this.hashing = hashing;
    }

    /** Opens a session for the password, or returns null if it is wrong. */
    CompletionStage<@Nullable Session> open(String given, String name) {
        return verified(given, name).thenApply(operator -> {
            if (operator == null) {
                return null;
            }
            Session session = new Session(secret(), secret(), operator);
            sessions.put(session.id(), session);
            return session;
        });
    }

    @Nullable
    Session find(@Nullable String id) {
        return id == null ? null : sessions.getIfPresent(id);
    }

    void close(Session session) {
        sessions.invalidate(session.id());
    }

    /** Returns the operator of an Authorization field, or null. */
    public CompletionStage<@Nullable Operator> basic(@Nullable String header) {
        if (header == null || !header.startsWith("Basic ")) {
            return CompletableFuture.completedFuture(null);
        }
        try {
            byte[] octets = Base64.getDecoder()
                    .decode(header.substring("Basic ".length()).strip());
            String pair = new String(octets, StandardCharsets.UTF_8);
            int colon = pair.indexOf(':');
            return verified(pair.substring(colon + 1), colon < 1 ? "admin" : pair.substring(0, colon));
        } catch (IllegalArgumentException e) {
            return CompletableFuture.completedFuture(null);
        }
    }

    private CompletionStage<@Nullable Operator> verified(String given, String name) {
        String key = digest(given);
        Operator operator = new Operator(name, Operator.Role.ADMINISTRATOR, false);
        if (right.getIfPresent(key) != null) {
            return CompletableFuture.completedFuture(operator);
        } else if (isLocked()) {
            return CompletableFuture.completedFuture(null);
        }
        return CompletableFuture.supplyAsync(
                () -> {
                    if (!PasswordScheme.verify(password, given)) {
                        failed();
                        return null;
                    }
                    right.put(key, true);
                    return operator;
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
}
