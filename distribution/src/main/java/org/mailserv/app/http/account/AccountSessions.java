package org.mailserv.app.http.account;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.account.Account;
import org.mailserv.server.account.AccountStore;

/**
 * The sessions of browsers on the users' page. A session ends after an hour without requests, after twelve hours in any case, when the password
 * changes, and when the user is disabled or removed. Thread-safe.
 */
final class AccountSessions {
    private static final int MOST = 10_000;
    private static final Duration IDLE = Duration.ofHours(1);
    private static final Duration LONGEST = Duration.ofHours(12);

    private final AccountStore accounts;
    private final SecureRandom random = new SecureRandom();
    private final Cache<String, AccountSession> sessions =
            Caffeine.newBuilder().maximumSize(MOST).expireAfterAccess(IDLE).build();

    AccountSessions(AccountStore accounts) {
        this.accounts = accounts;
    }

    /** The session of a user. */
    static final class AccountSession {
        private final String id;
        private final String token;
        private final Account account;
        private final long end = System.nanoTime() + LONGEST.toNanos();
        private final AtomicReference<@Nullable String> notice = new AtomicReference<>();

        private AccountSession(String id, String token, Account account) {
            this.id = id;
            this.token = token;
            this.account = account;
        }

        String id() {
            return id;
        }

        /** Returns the address of the user. */
        String user() {
            return account.mailbox().toString();
        }

        /** Returns a secret that every form of the session carries. */
        String token() {
            return token;
        }

        boolean owns(String given) {
            return MessageDigest.isEqual(
                    token.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
        }

        void leaveNotice(String text) {
            notice.set(text);
        }

        /** Returns the result of the last change once, then null. */
        @Nullable
        String takeNotice() {
            return notice.getAndSet(null);
        }
    }

    AccountSession open(Account account) {
        AccountSession made = new AccountSession(secret(), secret(), account);
        sessions.put(made.id(), made);
        return made;
    }

    /** Returns the session of a cookie whose user may still log in with the same password, or null. */
    @Nullable
    AccountSession find(@Nullable String id) {
        AccountSession session = id == null ? null : sessions.getIfPresent(id);
        if (session != null && (System.nanoTime() - session.end > 0 || !accounts.isCurrent(session.account))) {
            close(session);
            return null;
        }
        return session;
    }

    void close(AccountSession session) {
        sessions.invalidate(session.id());
    }

    private String secret() {
        byte[] octets = new byte[24];
        random.nextBytes(octets);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(octets);
    }
}
