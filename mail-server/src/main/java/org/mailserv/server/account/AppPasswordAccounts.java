package org.mailserv.server.account;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;

/**
 * The accounts as one protocol sees them: the password of the user or an app password with the scope of the protocol logs in. All else is
 * that of the accounts behind it.
 */
public final class AppPasswordAccounts implements AccountStore {
    private final AccountStore accounts;
    private final AppPasswords passwords;
    private final AppPassword.Scope scope;

    public AppPasswordAccounts(AccountStore accounts, AppPasswords passwords, AppPassword.Scope scope) {
        this.accounts = accounts;
        this.passwords = passwords;
        this.scope = scope;
    }

    @Override
    public CompletionStage<@Nullable Account> authenticate(String login, String password) {
        MailboxName mailbox = MailboxName.of(login);
        AppPassword found = mailbox == null ? null : passwords.find(mailbox, scope, password);
        if (found == null) {
            return accounts.authenticate(login, password);
        }
        return accounts.find(login).thenApply(account -> account == null ? null : account.withPassword(found.hash()));
    }

    @Override
    public boolean isCurrent(Account account) {
        String password = account.password();
        return password != null && passwords.contains(account.mailbox(), password)
                ? accounts.isCurrent(account.withPassword(null))
                : accounts.isCurrent(account);
    }

    /** App passwords cannot be used with SCRAM, and clients that prefer it never fall back. */
    @Override
    public boolean supportsScram() {
        return accounts.supportsScram() && passwords.isEmpty();
    }

    @Override
    public CompletionStage<ScramCredentials> scram(String login) {
        return accounts.scram(login);
    }

    @Override
    public CompletionStage<@Nullable Account> find(String login) {
        return accounts.find(login);
    }

    @Override
    public boolean isLocalDomain(String domain) {
        return accounts.isLocalDomain(domain);
    }

    @Override
    public String listedDomain(String domain) {
        return accounts.listedDomain(domain);
    }

    @Override
    public boolean isRouted(String domain) {
        return accounts.isRouted(domain);
    }

    @Override
    public String primaryDomain() {
        return accounts.primaryDomain();
    }

    @Override
    public CompletionStage<Resolution> resolve(Address address) {
        return accounts.resolve(address);
    }

    @Override
    public boolean isRoleByDefault(Address address) {
        return accounts.isRoleByDefault(address);
    }
}
