package org.mailserv.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.accounts.AccountFiles;
import org.mailserv.app.accounts.AccountPaths;
import org.mailserv.app.accounts.AliasCalls;
import org.mailserv.app.accounts.DkimCalls;
import org.mailserv.app.accounts.DomainCalls;
import org.mailserv.app.accounts.DomainServices;
import org.mailserv.app.accounts.UserCalls;
import org.mailserv.app.accounts.UserExtraCalls;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Call;
import org.mailserv.app.api.CallHandler;
import org.mailserv.app.api.CallRegistry;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.Operator;
import org.mailserv.app.api.UserInfo;
import org.mailserv.app.api.UserQuery;
import org.mailserv.app.config.ConfigFile;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.OwnerOfData;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.control.ControlClient;
import org.mailserv.app.server.Lookups;
import org.mailserv.app.vacation.VacationFiles;
import org.mailserv.server.account.AliasesFile;
import org.mailserv.server.account.AppPasswords;
import org.mailserv.server.account.LocalAccounts;
import org.mailserv.server.account.OwnNames;
import org.mailserv.server.account.UsersFile;
import org.mailserv.server.config.ConfigurationException;
import org.mailserv.server.disk.RealDisk;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Calls on users, aliases and domains for commands. A running server answers them, so that a change takes effect at once and stands in its
 * log. Without a server the files are changed here.
 */
final class AccountService {
    private static final Set<ApiException.Kind> MISTAKES =
            Set.of(ApiException.Kind.MALFORMED, ApiException.Kind.NOT_FOUND, ApiException.Kind.CONFLICT);

    private final @Nullable Path file;
    private volatile MailservConfig config;
    private final CommandSpec spec;

    /**
     * @param file the configuration file; null for the development server
     * @param spec the command, for mistakes of its caller
     */
    AccountService(@Nullable Path file, CommandSpec spec) throws ConfigurationException {
        this.file = file;
        this.config = ConfigFile.load(file);
        this.spec = spec;
    }

    /**
     * Carries out a call. Blocks.
     *
     * @throws ApiException if the server is unable to carry out the call
     * @throws CommandLine.ParameterException if the call names something that does not exist, cannot be changed or is wrong
     */
    <Q extends Record, A> A ask(Call<Q, A> call, Q request) throws ApiException, StartupException, IOException {
        try {
            return answer(call, request);
        } catch (ApiException e) {
            if (MISTAKES.contains(e.kind())) {
                throw new CommandLine.ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
            }
            throw e;
        }
    }

    /** Returns a user, or null if there is none. Blocks. */
    @Nullable
    UserInfo find(String user) throws ApiException, StartupException, IOException {
        try {
            return answer(Calls.USER, new UserQuery(user));
        } catch (ApiException e) {
            if (e.kind() == ApiException.Kind.NOT_FOUND) {
                return null;
            } else if (MISTAKES.contains(e.kind())) {
                throw new CommandLine.ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
            }
            throw e;
        }
    }

    private <Q extends Record, A> A answer(Call<Q, A> call, Q request)
            throws ApiException, StartupException, IOException {
        // A file of root's own could not be read by the server.
        OwnerOfData.become(config.dataDir());
        ControlClient server = new ControlClient(config.dataDir());
        return server.isServerRunning() ? server.ask(call, request) : askHere(call, request);
    }

    /** Returns the problems of the users file that a running server has only in its log. Without a server they are logged here. Blocks. */
    List<String> problems() throws IOException {
        return new ControlClient(config.dataDir()).isServerRunning()
                ? new UsersFile(config.usersFilePath(), new RealDisk()).read().problems()
                : List.of();
    }

    private <Q extends Record, A> A askHere(Call<Q, A> call, Q request)
            throws ApiException, StartupException, IOException {
        UsersFile users = new UsersFile(config.usersFilePath(), new RealDisk());
        AliasesFile aliases = new AliasesFile(config.aliasesFilePath(), new RealDisk());
        try (Lookups lookups = new Lookups(config);
                AppPasswords appPasswords = new AppPasswords(AccountPaths.appPasswords(config), new RealDisk());
                LocalAccounts accounts = new LocalAccounts(
                        config.domains(),
                        config.primaryDomain(),
                        OwnNames.ofThisMachine(config.hostname()),
                        users,
                        aliases,
                        config.tagSeparators(),
                        1)) {
            VacationFiles vacations = new VacationFiles(
                    AccountPaths.vacations(config),
                    new RealDisk(),
                    InstantSource.system(),
                    config.limits().vacationSenders());
            AccountFiles files =
                    new AccountFiles(this::current, users, aliases, accounts, mailbox -> null, appPasswords, vacations);
            Here here = new Here();
            new UserCalls(files).register(here);
            new AliasCalls(files).register(here);
            new UserExtraCalls(files).register(here);
            DomainCalls domains = new DomainCalls(
                    files, new DomainServices(AccountPaths.dkim(config), lookups.dns(), () -> {}, this::readAgain));
            domains.register(here);
            new DkimCalls(domains).register(here);
            return here.ask(call, request);
        }
    }

    private MailservConfig current() {
        return config;
    }

    /** Reads the configuration again after a domain was added or removed. */
    private void readAgain() throws StartupException {
        try {
            config = ConfigFile.load(file);
        } catch (ConfigurationException e) {
            throw new StartupException(String.join("\n", e.problems()), e);
        }
    }

    /** The handlers in this process. */
    private static final class Here implements CallRegistry {
        private final Map<Call<?, ?>, CallHandler<?, ?>> handlers = new HashMap<>();

        @Override
        public <Q extends Record, A> CallRegistry on(Call<Q, A> call, CallHandler<? super Q, ? extends A> handler) {
            handlers.put(call, handler);
            return this;
        }

        @SuppressWarnings("unchecked") // on() registers a handler only for a call of its types.
        <Q extends Record, A> A ask(Call<Q, A> call, Q request) throws ApiException, StartupException, IOException {
            CallHandler<Q, A> handler = (CallHandler<Q, A>) handlers.get(call);
            if (handler == null) {
                throw new StartupException(call + ": only a running server can do this");
            }
            return handler.answer(request, new Operator(ControlClient.operator(), Operator.Role.ADMINISTRATOR, true));
        }
    }
}
