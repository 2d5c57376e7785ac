package org.mailserv.app.server;

import java.io.IOException;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.mailserv.app.accounts.AccountFiles;
import org.mailserv.app.accounts.AccountPaths;
import org.mailserv.app.config.FirstAccount;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.vacation.VacationFiles;
import org.mailserv.server.account.AccountStore;
import org.mailserv.server.account.AliasesFile;
import org.mailserv.server.account.AppPassword;
import org.mailserv.server.account.AppPasswordAccounts;
import org.mailserv.server.account.AppPasswords;
import org.mailserv.server.account.HelperAccounts;
import org.mailserv.server.account.LocalAccounts;
import org.mailserv.server.account.OwnNames;
import org.mailserv.server.account.PasswordCache;
import org.mailserv.server.account.UsersFile;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.net.EventLoops;
import org.mailserv.server.sasl.LoginThrottle;
import org.mailserv.server.store.SharedCounts;

/** The accounts and aliases, and the throttle for failed logins. */
final class AccountStage {
    private final UsersFile users;
    private final AliasesFile aliases;
    private final AppPasswords appPasswords;
    private final VacationFiles vacations;
    private final LocalAccounts local;
    private final AccountStore accounts;
    private final LoginThrottle throttle;

    /** Reads the users and aliases files. Blocks. */
    AccountStage(MailservConfig config, Disk disk, EventLoops loops, SharedCounts counts, OpenResources resources)
            throws IOException, StartupException {
        users = new UsersFile(config.usersFilePath(), disk);
        aliases = new AliasesFile(config.aliasesFilePath(), disk);
        appPasswords = resources.add(new AppPasswords(AccountPaths.appPasswords(config), disk));
        vacations = new VacationFiles(
                AccountPaths.vacations(config),
                disk,
                InstantSource.system(),
                config.limits().vacationSenders());
        FirstAccount.create(config, users);
        local = resources.add(new LocalAccounts(
                config.domains(),
                config.primaryDomain(),
                OwnNames.ofThisMachine(config.hostname()),
                users,
                aliases,
                config.tagSeparators(),
                config.login().hashThreads(),
                new PasswordCache(config.login().cacheSize(), config.login().cacheTime())));
        accounts = config.passwordHelper().isSet()
                ? resources.add(new HelperAccounts(local, config.passwordHelper(), config.tagSeparators()))
                : local;
        throttle = new LoginThrottle(
                loops.group(),
                config.login().failureDelay(),
                config.login().maxFailures(),
                config.login().lockout(),
                counts);
    }

    /** Returns the accounts of the users file, without those of a password helper. */
    LocalAccounts local() {
        return local;
    }

    /** Returns the files that calls of the API change. */
    AccountFiles files(Supplier<MailservConfig> config, AccountFiles.Sizes sizes) {
        return new AccountFiles(config, users, aliases, local, sizes, appPasswords, vacations);
    }

    AccountStore accounts() {
        return accounts;
    }

    /** Returns the accounts for the logins of one protocol, to which app passwords are restricted. */
    AccountStore accounts(AppPassword.Scope scope) {
        return new AppPasswordAccounts(accounts, appPasswords, scope);
    }

    VacationFiles vacations() {
        return vacations;
    }

    LoginThrottle throttle() {
        return throttle;
    }

    /**
     * Reads the users and aliases files for a changed configuration. Changes nothing. Blocks.
     *
     * @return puts the result into effect; it cannot fail
     * @throws IOException if a file cannot be read; the message names the file
     * @throws StartupException if the first account of the configuration cannot be used
     */
    Runnable prepare(MailservConfig next) throws IOException, StartupException {
        FirstAccount.check(next);
        return local.prepare(next.domains(), next.primaryDomain());
    }

    /**
     * Creates the first account of a changed configuration unless it exists, and reads the users and aliases files after it. Blocks.
     *
     * @return puts the result into effect; it cannot fail
     */
    Runnable createFirstAccount(MailservConfig next) throws IOException, StartupException {
        FirstAccount.create(next, users);
        return local.prepare(next.domains(), next.primaryDomain());
    }
}
