package org.mailserv.server.account;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accounts of the configuration, and after them those known to an external helper: a program or a web service.
 * Answers are cached. If the helper fails, mail for accounts that only it may know is deferred and never rejected.
 * With a helper SCRAM is not offered, because only the helper can verify a password.
 */
public final class HelperAccounts implements AccountStore, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HelperAccounts.class);

    private final AccountStore own;
    private final String separators;
    private final PasswordHelper helper;
    private final ThreadPoolExecutor asking;
    private final Cache<String, Boolean> answers;
    private final byte[] salt = new byte[16];

    /** @param separators subaddress separators */
    public HelperAccounts(AccountStore own, HelperConfig config, String separators) {
        this.own = own;
        this.separators = separators;
        this.helper = new PasswordHelper(config);
        this.asking = new ThreadPoolExecutor(
                config.maxRunning(),
                config.maxRunning(),
                30,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(config.maxWaiting()),
                task -> {
                    Thread thread = new Thread(task, "password-helper");
                    thread.setDaemon(true);
                    return thread;
                });
        asking.allowCoreThreadTimeOut(true);
        this.answers = Caffeine.newBuilder()
                .maximumSize(10_000)
                .expireAfterWrite(config.cacheTime())
                .build();
        new SecureRandom().nextBytes(salt);
    }

    private CompletionStage<Boolean> ask(MailboxName mailbox, @Nullable String password) {
        String login = mailbox.toString();
        String key = password == null ? login : digest(login + "\0" + password);
        Boolean known = answers.getIfPresent(key);
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        if (known != null) {
            done.complete(known);
            return done;
        }
        try {
            asking.execute(() -> answer(login, password, key, done));
        } catch (RejectedExecutionException e) {
            done.completeExceptionally(new IOException("too many questions to the password helper at once", e));
        }
        return done;
    }

    private void answer(String login, @Nullable String password, String key, CompletableFuture<Boolean> done) {
        try {
            boolean yes = helper.ask(login, password);
            // A wrong password is not cached, because the owner may be about to change it to this one.
            if (yes || password == null) {
                answers.put(key, yes);
            }
            done.complete(yes);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            done.completeExceptionally(e);
        } catch (IOException | RuntimeException e) {
            LOG.warn("event=password-helper-failed account={} reason=\"{}\"", login, Failures.text(e));
            done.completeExceptionally(e);
        }
    }

    private String digest(String text) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(salt);
            return Base64.getEncoder().encodeToString(sha.digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private @Nullable MailboxName local(String login) {
        MailboxName mailbox = UsersFile.mailbox(login);
        return mailbox != null
                        && own.isLocalDomain(mailbox.domain())
                        && own.listedDomain(mailbox.domain()).equals(mailbox.domain())
                ? mailbox
                : null;
    }

    private static Account account(MailboxName mailbox) {
        return new Account(mailbox, null, false, Set.of(), 0, 0);
    }

    @Override
    public boolean isLocalDomain(String domain) {
        return own.isLocalDomain(domain);
    }

    @Override
    public boolean isRouted(String domain) {
        return own.isRouted(domain);
    }

    @Override
    public String listedDomain(String domain) {
        return own.listedDomain(domain);
    }

    @Override
    public boolean isRoleByDefault(Address address) {
        return own.isRoleByDefault(address);
    }

    @Override
    public String primaryDomain() {
        return own.primaryDomain();
    }

    @Override
    public CompletionStage<Resolution> resolve(Address address) {
        return own.resolve(address).thenCompose(resolution -> {
            boolean role = own.isRoleByDefault(address);
            if (!(role || resolution instanceof Resolution.Unknown) || !own.isLocalDomain(address.domain())) {
                return CompletableFuture.completedFuture(resolution);
            }
            MailboxName mailbox = new MailboxName(own.listedDomain(address.domain()), untagged(address.localPart()));
            return ask(mailbox, null).handle((yes, failure) -> {
                if (failure != null) {
                    // RFC 5321, 4.5.1: mail for the postmaster is accepted even if the helper fails.
                    return address.isPostmaster() ? resolution : new Resolution.Unavailable(Failures.text(failure));
                }
                return yes ? new Resolution.Found(List.of(mailbox), List.of()) : resolution;
            });
        });
    }

    private String untagged(String name) {
        for (int i = 1; i < name.length(); i++) {
            if (separators.indexOf(name.charAt(i)) >= 0) {
                return name.substring(0, i);
            }
        }
        return name;
    }

    @Override
    public CompletionStage<@Nullable Account> authenticate(String login, String password) {
        return own.find(login).thenCompose(account -> {
            MailboxName mailbox = local(login);
            if (account != null || mailbox == null) {
                return own.authenticate(login, password);
            }
            return ask(mailbox, password).thenApply(yes -> yes ? account(mailbox) : null);
        });
    }

    @Override
    public boolean isCurrent(Account account) {
        // The own accounts answer at once.
        Account known =
                own.find(account.mailbox().toString()).toCompletableFuture().getNow(null);
        return known == null ? account.password() == null : own.isCurrent(account);
    }

    @Override
    public CompletionStage<@Nullable Account> find(String login) {
        return own.find(login).thenCompose(account -> {
            MailboxName mailbox = local(login);
            if (account != null || mailbox == null) {
                return CompletableFuture.completedFuture(account);
            }
            return ask(mailbox, null).thenApply(yes -> yes ? account(mailbox) : null);
        });
    }

    @Override
    public CompletionStage<ScramCredentials> scram(String login) {
        return own.scram(login);
    }

    @Override
    public boolean supportsScram() {
        return false;
    }

    @Override
    public void close() {
        asking.shutdownNow();
    }
}
