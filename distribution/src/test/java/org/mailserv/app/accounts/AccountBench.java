package org.mailserv.app.accounts;

import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Call;
import org.mailserv.app.api.CallHandler;
import org.mailserv.app.api.CallRegistry;
import org.mailserv.app.api.Operator;
import org.mailserv.app.config.ConfigFile;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.vacation.VacationFiles;
import org.mailserv.server.account.AliasesFile;
import org.mailserv.server.account.AppPasswords;
import org.mailserv.server.account.LocalAccounts;
import org.mailserv.server.account.OwnNames;
import org.mailserv.server.account.UsersFile;
import org.mailserv.server.config.ConfigurationException;
import org.mailserv.server.disk.RealDisk;

/** The handlers of accounts over the files of a folder, for tests. */
final class AccountBench implements CallRegistry, AutoCloseable {
    static final Operator BY = new Operator("test", Operator.Role.ADMINISTRATOR, true);

    final LocalAccounts accounts;
    final MailservConfig config;
    final AccountFiles files;
    final AppPasswords passwords;
    private final Map<Call<?, ?>, CallHandler<?, ?>> handlers = new HashMap<>();

    AccountBench(Path folder, String settings) throws IOException, ConfigurationException {
        config = ConfigFile.bind(ConfigFactory.parseString(settings + "\ndata-dir = \"" + folder + "\"")
                .withFallback(ConfigFile.reference())
                .resolve());
        UsersFile users = new UsersFile(config.usersFilePath(), new RealDisk());
        AliasesFile aliases = new AliasesFile(config.aliasesFilePath(), new RealDisk());
        accounts = new LocalAccounts(
                config.domains(), config.primaryDomain(), OwnNames.NONE, users, aliases, config.tagSeparators(), 1);
        passwords = new AppPasswords(AccountPaths.appPasswords(config), new RealDisk());
        VacationFiles vacations = new VacationFiles(
                AccountPaths.vacations(config),
                new RealDisk(),
                InstantSource.system(),
                config.limits().vacationSenders());
        files = new AccountFiles(() -> config, users, aliases, accounts, mailbox -> null, passwords, vacations);
        new UserCalls(files).register(this);
        new AliasCalls(files).register(this);
        new UserExtraCalls(files).register(this);
    }

    @Override
    public <Q extends Record, A> CallRegistry on(Call<Q, A> call, CallHandler<? super Q, ? extends A> handler) {
        handlers.put(call, handler);
        return this;
    }

    @SuppressWarnings("unchecked")
    <Q extends Record, A> A ask(Call<Q, A> call, Q request) throws ApiException, StartupException, IOException {
        return ((CallHandler<Q, A>) handlers.get(call)).answer(request, BY);
    }

    @Override
    public void close() {
        accounts.close();
        passwords.close();
    }
}
