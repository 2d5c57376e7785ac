package org.mailserv.app.http.console;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.Operator;
import org.mailserv.app.config.HttpSettings;
import org.mailserv.server.account.PasswordScheme;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logins to the console and its API by password and, if the operator has one, a second factor; and the sessions of browsers. A session ends when
 * the operator's settings change. Thread-safe; nothing blocks.
 */
public final class AdminLogin {
    private static final Logger LOG = LoggerFactory.getLogger(AdminLogin.class);
    private static final int MAX_NAME = 64;

    private final Administrators administrators;
    private final Executor hashing;
    private final SecureRandom random = new SecureRandom();
    private final OneTimeCodes codes = new OneTimeCodes(InstantSource.system());
    private final LoginFailures failures = new LoginFailures();

    private final Cache<String, Session> sessions = Caffeine.newBuilder()
            .maximumSize(100)
            .expireAfterWrite(Duration.ofHours(12))
            .build();
    /** Hashes of passwords verified recently, because Basic authentication sends the password with each request. */
    private final Cache<String, Boolean> right = Caffeine.newBuilder()
            .maximumSize(100)
            .expireAfterWrite(Duration.ofMinutes(1))
            .build();

    /**
     * @param settings those in effect, which a reload replaces
     * @param hashing executor for password hashes
     */
    public AdminLogin(Supplier<HttpSettings> settings, Executor hashing) {
        administrators = new Administrators(settings);
        this.hashing = hashing;
    }

    /**
     * Opens a session, or returns null if name, password or code is wrong.
     *
     * @param code of the second factor, or an empty text
     */
    CompletionStage<@Nullable Session> open(String name, String password, String code) {
        return verified(name, password, code).thenApply(person -> {
            if (person == null) {
                return null;
            }
            Session session = new Session(secret(), secret(), person);
            sessions.put(session.id(), session);
            LOG.info("event=admin-login name=\"{}\"", person.name());
            return session;
        });
    }

    /** Returns a session whose operator still has the same settings, or null. */
    @Nullable
    Session find(@Nullable String id) {
        Session session = id == null ? null : sessions.getIfPresent(id);
        if (session != null
                && !session.person()
                        .equals(administrators.find(session.operator().name()))) {
            close(session);
            return null;
        }
        return session;
    }

    void close(Session session) {
        sessions.invalidate(session.id());
    }

    /**
     * Returns the operator of an Authorization field, or null.
     *
     * @param code of the second factor, which each request of an operator with one needs, or null
     */
    public CompletionStage<@Nullable Operator> basic(@Nullable String header, @Nullable String code) {
        if (header == null || !header.startsWith("Basic ")) {
            return CompletableFuture.completedFuture(null);
        }
        try {
            byte[] octets = Base64.getDecoder()
                    .decode(header.substring("Basic ".length()).strip());
            String pair = new String(octets, StandardCharsets.UTF_8);
            int colon = pair.indexOf(':');
            return verified(
                            colon < 1 ? "admin" : pair.substring(0, colon),
                            pair.substring(colon + 1),
                            code == null ? "" : code)
                    .thenApply(person -> person == null ? null : person.operator());
        } catch (IllegalArgumentException e) {
            return CompletableFuture.completedFuture(null);
        }
    }

    private CompletionStage<Administrators.@Nullable Administrator> verified(
            String name, String password, String code) {
        Administrators.Administrator person = administrators.find(name);
        // Unknown names share one count, so that they fill no memory.
        String counted = person == null ? "" : person.name();
        if (failures.isLocked(counted)) {
            LOG.warn("event=admin-login-refused name=\"{}\" reason=\"too many failures\"", shown(name));
            return CompletableFuture.completedFuture(null);
        }
        String key = person == null ? "" : digest(person, password);
        if (person != null && right.getIfPresent(key) != null) {
            return CompletableFuture.completedFuture(second(person, code, name));
        }
        return CompletableFuture.supplyAsync(
                () -> {
                    // An unknown name takes as long as a wrong password.
                    String hash = person == null ? administrators.anyHash() : person.hash();
                    if (!PasswordScheme.verify(hash, password) || person == null) {
                        failed(counted, name, "password");
                        return null;
                    }
                    right.put(key, true);
                    return second(person, code, name);
                },
                hashing);
    }

    /** Returns the person if the second factor is right, or is not used. */
    private Administrators.@Nullable Administrator second(
            Administrators.Administrator person, String code, String name) {
        String secret = person.secret();
        if (secret == null || codes.accept(person.name(), secret, code)) {
            return person;
        }
        failed(person.name(), name, code.isEmpty() ? "no code" : "code");
        return null;
    }

    private void failed(String counted, String name, String reason) {
        failures.add(counted);
        LOG.warn("event=admin-login-failed name=\"{}\" reason=\"{}\"", shown(name), reason);
    }

    private static String shown(String name) {
        String text = name.replaceAll("[\\p{Cntrl}\"]", "?");
        return text.length() > MAX_NAME ? text.substring(0, MAX_NAME) + "..." : text;
    }

    private static String digest(Administrators.Administrator person, String password) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update((person.name() + "\n" + person.hash() + "\n").getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(sha.digest(password.getBytes(StandardCharsets.UTF_8)));
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
