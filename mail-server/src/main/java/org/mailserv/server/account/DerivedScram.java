package org.mailserv.server.account;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** SCRAM credentials of accounts: stored ones, and those that are derived from plain passwords, which is slow and therefore cached. */
final class DerivedScram {
    private final PasswordCache secrets;
    private final Executor hashing;
    private final Cache<String, ScramCredentials> derived = Caffeine.newBuilder()
            .maximumSize(10_000)
            .expireAfterWrite(Duration.ofHours(1))
            .build();

    /**
     * @param secrets provides values that only this process knows
     * @param hashing executor for slow hashes
     */
    DerivedScram(PasswordCache secrets, Executor hashing) {
        this.secrets = secrets;
        this.hashing = hashing;
    }

    /**
     * Returns the credentials of a login. For a login that cannot use SCRAM, they match no password.
     *
     * @param stored the stored password, or null
     */
    CompletionStage<ScramCredentials> of(String login, @Nullable String stored, Supplier<Directory> directory) {
        if (stored != null && stored.startsWith("{SCRAM-SHA-256}")) {
            ScramCredentials read = ScramCredentials.read(stored);
            if (read != null) {
                return CompletableFuture.completedFuture(read);
            }
        }
        // An unknown login gets a constant salt of its own, so that it looks like a known one.
        byte[] salt = Arrays.copyOf(Base64.getDecoder().decode(secrets.mac("salt", canonical(login))), 16);
        String plain = stored != null && stored.startsWith("{PLAIN}") ? stored.substring(7) : null;
        String key = secrets.mac(plain == null ? "" : plain, "scram " + login);
        ScramCredentials known = derived.getIfPresent(key);
        if (known != null) {
            return CompletableFuture.completedFuture(known);
        }
        CompletableFuture<ScramCredentials> done = new CompletableFuture<>();
        try {
            hashing.execute(() -> {
                int iterations = directory.get().scramIterations(PasswordScheme.SCRAM_ITERATIONS);
                ScramCredentials made = ScramCredentials.derive(plain == null ? "" : plain, salt, iterations);
                ScramCredentials result = plain == null ? made.unusable() : made;
                derived.put(key, result);
                done.complete(result);
            });
        } catch (RejectedExecutionException e) {
            done.completeExceptionally(new IOException("too many logins at once", e));
        }
        return done;
    }

    private static String canonical(String login) {
        MailboxName mailbox = MailboxName.of(login);
        return mailbox == null ? login.toLowerCase(Locale.ROOT) : mailbox.toString();
    }
}
