package org.mailserv.server.account;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accounts of the configuration and of a users file, which is reloaded when it changes. Passwords are verified on
 * separate threads, unless the cache has them.
 */
public final class LocalAccounts implements AccountStore, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocalAccounts.class);
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final @Nullable UsersFile usersFile;
    private final @Nullable AliasesFile aliasesFile;
    private final String separators;
    private final ThreadPoolExecutor hashing;
    private final ScheduledThreadPoolExecutor watcher =
            new ScheduledThreadPoolExecutor(1, task -> daemon(task, "users"));
    private final PasswordCache verified;
    private final DerivedScram scram;
    private @Nullable String dummy;

    /** Held while the directory is replaced, so that a check for changed files does not undo a reload. */
    private final Object changes = new Object();

    private volatile Directory directory;
    private volatile Map<String, DomainConfig> domains;
    private volatile @Nullable String primary;
    private final OwnNames ownNames;
    private volatile long stamp;
    private @Nullable ScheduledFuture<?> looking;

    /**
     * Reads the files, without a cache of passwords. Blocks.
     *
     * @param usersFile the users file, or null for none
     * @param aliasesFile the aliases file, or null for none
     * @param separators subaddress separators, usually {@code "+"}
     * @param hashThreads number of threads that verify passwords
     */
    public LocalAccounts(
            Map<String, DomainConfig> domains,
            @Nullable String primaryDomain,
            @Nullable UsersFile usersFile,
            @Nullable AliasesFile aliasesFile,
            String separators,
            int hashThreads)
            throws IOException {
        this(domains, primaryDomain, OwnNames.NONE, usersFile, aliasesFile, separators, hashThreads);
    }

    /** Reads the files without a cache of passwords, for a host whose own names stand for the primary domain. Blocks. */
    public LocalAccounts(
            Map<String, DomainConfig> domains,
            @Nullable String primaryDomain,
            OwnNames ownNames,
            @Nullable UsersFile usersFile,
            @Nullable AliasesFile aliasesFile,
            String separators,
            int hashThreads)
            throws IOException {
        this(
                domains,
                primaryDomain,
                ownNames,
                usersFile,
                aliasesFile,
                separators,
                hashThreads,
                new PasswordCache(0, Duration.ZERO));
    }

    /**
     * Reads the files, for a host whose own names stand for the primary domain. Blocks.
     *
     * @param ownNames names of this host
     * @param verified the passwords that need no verification; cleared when the accounts change
     */
    public LocalAccounts(
            Map<String, DomainConfig> domains,
            @Nullable String primaryDomain,
            OwnNames ownNames,
            @Nullable UsersFile usersFile,
            @Nullable AliasesFile aliasesFile,
            String separators,
            int hashThreads,
            PasswordCache verified)
            throws IOException {
        this.domains = domains;
        this.ownNames = ownNames;
        this.verified = verified;
        this.primary = primaryDomain;
        this.usersFile = usersFile;
        this.aliasesFile = aliasesFile;
        this.separators = separators;
        this.hashing = new ThreadPoolExecutor(
                hashThreads,
                hashThreads,
                30,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(200),
                task -> daemon(task, "hash"));
        hashing.allowCoreThreadTimeOut(true);
        scram = new DerivedScram(verified, hashing);
        directory = read();
        stamp = stampNow();
        if (usersFile != null || aliasesFile != null) {
            looking =
                    watcher.scheduleWithFixedDelay(this::look, LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    private Directory read() throws IOException {
        return read(domains, primary);
    }

    private Directory read(Map<String, DomainConfig> ofDomains, @Nullable String ofPrimary) throws IOException {
        UsersFile file = usersFile;
        Map<MailboxName, Account> users = Map.of();
        if (file != null) {
            UsersFile.Content content = file.read();
            content.problems().forEach(problem -> LOG.warn("event=users-file problem=\"{}\"", problem));
            content.notices().forEach(notice -> LOG.info("event=users-file notice=\"{}\"", notice));
            users = content.users();
        }
        AliasesFile aliases = aliasesFile;
        Map<String, List<String>> led = Map.of();
        if (aliases != null) {
            AliasesFile.Content content = aliases.read();
            content.problems().forEach(problem -> LOG.warn("event=aliases-file problem=\"{}\"", problem));
            led = content.aliases();
        }
        return new Directory(ofDomains, users, led, ofPrimary, separators, ownNames);
    }

    private long stampNow() {
        UsersFile users = usersFile;
        AliasesFile aliases = aliasesFile;
        try {
            return stampOf(users == null ? null : users.path()) * 31 + stampOf(aliases == null ? null : aliases.path());
        } catch (IOException e) {
            return stamp;
        }
    }

    private static long stampOf(@Nullable Path path) throws IOException {
        return path == null || !Files.exists(path)
                ? 0
                : Files.getLastModifiedTime(path).to(TimeUnit.NANOSECONDS) * 31 + Files.size(path);
    }

    private void look() {
        long now = stampNow();
        if (now == stamp) {
            return;
        }
        try {
            synchronized (changes) {
                directory = read();
                stamp = now;
            }
            verified.clear();
            LOG.info("event=users-reloaded accounts={}", directory.accounts().size());
        } catch (IOException | RuntimeException e) {
            LOG.warn("event=users-reload-failed reason=\"{}\"", Failures.text(e));
        }
    }

    /**
     * Reads the files for a new configuration without applying it. Blocks.
     *
     * @return an action that applies the new configuration
     * @throws IOException if a file cannot be read; the old configuration stays in effect
     */
    public Runnable prepare(Map<String, DomainConfig> newDomains, @Nullable String newPrimary) throws IOException {
        long seen = stampNow();
        Directory prepared = read(newDomains, newPrimary);
        return () -> {
            synchronized (changes) {
                domains = newDomains;
                primary = newPrimary;
                directory = prepared;
                stamp = seen;
            }
            verified.clear();
        };
    }

    /** Returns the problems of aliases that lead nowhere, by alias. */
    public Map<String, List<String>> aliasProblems() {
        return AliasProblems.of(directory);
    }

    /**
     * Returns whether mail for an alias would only go round in a circle if it had these targets.
     *
     * @param alias {@code name@domain} as in {@link AliasesFile#key}
     */
    public boolean isAliasLoop(String alias, List<String> targets) {
        return AliasProblems.isLoop(directory, alias, targets);
    }

    /** Returns whether an address of a local domain leads to no mailbox. Addresses elsewhere are never unknown. */
    public boolean isUnknown(Address address) {
        return directory.resolve(address) instanceof Resolution.Unknown;
    }

    /** Returns the aliases of the configuration by {@code name@domain}, without catch-alls. */
    public Map<String, List<String>> configuredAliases() {
        return directory.configuredAliases();
    }

    /** Returns a line for each alias whose local target does not exist, or leads back to it. */
    public List<String> deadAliases() {
        return aliasProblems().values().stream().flatMap(List::stream).toList();
    }

    /** Reads the files again now if they have changed, instead of within a second. Blocks. */
    public void refresh() {
        look();
    }

    /** Returns the current aliases by {@code name@domain}. */
    public Map<String, List<String>> aliases() {
        return directory.allAliases();
    }

    /** Returns the current accounts. */
    public List<Account> accounts() {
        return List.copyOf(directory.accounts().values());
    }

    @Override
    public boolean isLocalDomain(String domain) {
        return directory.isLocalDomain(domain);
    }

    @Override
    public boolean isRouted(String domain) {
        return directory.isRouted(domain);
    }

    @Override
    public String primaryDomain() {
        return directory.primaryDomain();
    }

    @Override
    public CompletionStage<Resolution> resolve(Address address) {
        return CompletableFuture.completedFuture(directory.resolve(address));
    }

    @Override
    public String listedDomain(String domain) {
        return directory.listed(domain);
    }

    @Override
    public boolean isRoleByDefault(Address address) {
        return directory.isRoleByDefault(address);
    }

    @Override
    public CompletionStage<@Nullable Account> find(String login) {
        return CompletableFuture.completedFuture(directory.find(login));
    }

    @Override
    public CompletionStage<@Nullable Account> authenticate(String login, String password) {
        Account account = directory.find(login);
        String stored = account == null ? null : account.password();
        // An unknown login also costs a hash of the same scheme, so that timing does not reveal it.
        String hash = stored == null ? directory.anyPassword("") : stored;
        if (account != null && stored != null && verified.contains(stored, password)) {
            return CompletableFuture.completedFuture(account);
        }
        CompletableFuture<@Nullable Account> done = new CompletableFuture<>();
        try {
            hashing.execute(() -> {
                boolean right = PasswordScheme.verify(hash.isEmpty() ? dummy() : hash, password)
                        && account != null
                        && stored != null;
                if (right) {
                    verified.add(hash, password);
                }
                done.complete(right ? account : null);
            });
        } catch (RejectedExecutionException e) {
            done.completeExceptionally(new IOException("too many logins at once", e));
        }
        return done;
    }

    /**
     * Returns a hash for a server that has none. It is created on first use, on a hashing thread, because this is
     * slow.
     */
    private synchronized String dummy() {
        if (dummy == null) {
            dummy = PasswordScheme.hash("no such user");
        }
        return dummy;
    }

    @Override
    public boolean supportsScram() {
        return directory.supportsScram();
    }

    @Override
    public CompletionStage<ScramCredentials> scram(String login) {
        Account account = directory.find(login);
        return scram.of(login, account == null ? null : account.password(), () -> directory);
    }

    @Override
    public boolean isCurrent(Account account) {
        Account now = directory.accounts().get(account.mailbox());
        return now != null
                && now.restrictions().closed() == null
                && (account.password() == null || account.password().equals(now.password()));
    }

    @Override
    public void close() {
        ScheduledFuture<?> task = looking;
        if (task != null) {
            task.cancel(false);
        }
        watcher.shutdownNow();
        hashing.shutdown();
    }
}
