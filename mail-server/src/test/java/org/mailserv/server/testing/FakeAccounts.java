package org.mailserv.server.testing;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.mailserv.codec.address.Address;
import org.mailserv.server.account.Account;
import org.mailserv.server.account.AccountStore;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.account.Resolution;
import org.mailserv.server.account.ScramCredentials;

/** The domain example.org with the accounts that a test adds; every password is {@code secret}. */
public final class FakeAccounts implements AccountStore {
    public static final String DOMAIN = "example.org";

    private static final ScramCredentials SECRET =
            ScramCredentials.derive("secret", "somesaltsomesalt".getBytes(StandardCharsets.UTF_8), 4096);

    public boolean scram = true;
    private final Map<String, Account> accounts = new LinkedHashMap<>();
    private final Executor executor;

    public FakeAccounts(Executor executor, String... names) {
        this.executor = executor;
        for (String name : names) {
            add(name, "{PLAIN}secret", false);
        }
    }

    public void add(String name, String password, boolean passwordless) {
        MailboxName mailbox = new MailboxName(DOMAIN, name);
        accounts.put(mailbox.toString(), new Account(mailbox, password, passwordless, Set.of(), 0, 0));
    }

    @Override
    public boolean isLocalDomain(String domain) {
        return domain.equalsIgnoreCase(DOMAIN);
    }

    @Override
    public String primaryDomain() {
        return DOMAIN;
    }

    @Override
    public CompletionStage<Resolution> resolve(Address address) {
        Account account = accounts.get(address.localPart().toLowerCase(Locale.ROOT) + "@" + DOMAIN);
        if (account == null && address.isPostmaster()) {
            account = accounts.values().iterator().next();
        }
        Resolution resolution = account == null
                ? new Resolution.Unknown()
                : new Resolution.Found(List.of(account.mailbox()), List.of());
        return later(resolution);
    }

    @Override
    public CompletionStage<Account> authenticate(String login, String password) {
        Account account = accounts.get(login.toLowerCase(Locale.ROOT));
        return later(account != null && password.equals("secret") ? account : null);
    }

    @Override
    public CompletionStage<Account> find(String login) {
        return later(accounts.get(login.toLowerCase(Locale.ROOT)));
    }

    @Override
    public CompletionStage<ScramCredentials> scram(String login) {
        Account account = accounts.get(login.toLowerCase(Locale.ROOT));
        ScramCredentials secret = SECRET;
        return later(account == null ? secret.unusable() : secret);
    }

    @Override
    public boolean supportsScram() {
        return scram;
    }

    private <T> CompletionStage<T> later(T value) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        executor.execute(() -> answer.complete(value));
        return answer;
    }
}
