package org.mailserv.app.cli;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.AccountReleased;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.AppPasswordMade;
import org.mailserv.app.api.AppPasswordRemoval;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.Json;
import org.mailserv.app.api.NewAppPassword;
import org.mailserv.app.api.NewUser;
import org.mailserv.app.api.ReleaseAccount;
import org.mailserv.app.api.UserChange;
import org.mailserv.app.api.UserForward;
import org.mailserv.app.api.UserInfo;
import org.mailserv.app.api.UserQuery;
import org.mailserv.app.api.UsersQuery;
import org.mailserv.app.api.VacationChange;
import org.mailserv.app.api.VacationInfo;
import org.mailserv.app.config.StartupException;
import org.mailserv.server.config.ConfigurationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code mailserv user}: the users file; a running server sees the change at once. */
@Command(
        name = "user",
        description = "Adds, lists, changes and removes users of the users file.",
        mixinStandardHelpOptions = true)
public final class UserCommand extends CommandGroup {
    @Command(name = "add", description = "Adds a user.", mixinStandardHelpOptions = true)
    int add(
            @Parameters(paramLabel = "USER@DOMAIN") String login,
            @Option(names = "--password-stdin", description = "Reads the password from standard input.")
                    boolean fromInput,
            @Option(names = "--quota", paramLabel = "SIZE", description = "Maximum size of the mailbox, such as 2G.")
                    @Nullable
                    String quota)
            throws ConfigurationException, StartupException, ApiException, IOException {
        AccountService service = service();
        Long octets = quota == null ? null : UserText.octets(quota, spec);
        // An existing user is reported before a password is asked for.
        UserInfo known = service.find(login);
        if (known != null) {
            throw usage(known.user() + " is there already: `mailserv user passwd " + known.user()
                    + "` changes the password");
        }
        String password = PasswordPrompt.read(fromInput, spec);
        UserInfo made =
                service.ask(Calls.ADD_USER, new NewUser(login, password, null, null, octets, null, List.of(), null));
        out().println("Added " + made.user());
        return 0;
    }

    @Command(name = "passwd", description = "Changes the password of a user.", mixinStandardHelpOptions = true)
    int passwd(
            @Parameters(paramLabel = "USER@DOMAIN") String login,
            @Option(names = "--password-stdin", description = "Reads the password from standard input.")
                    boolean fromInput)
            throws ConfigurationException, StartupException, ApiException, IOException {
        AccountService service = service();
        service.ask(Calls.USER, new UserQuery(login));
        String password = PasswordPrompt.read(fromInput, spec);
        UserInfo changed = service.ask(Calls.CHANGE_USER, UserChange.password(login, password));
        out().println("Changed the password of " + changed.user());
        return 0;
    }

    @Command(name = "remove", description = "Removes a user; the mail stays.", mixinStandardHelpOptions = true)
    int remove(@Parameters(paramLabel = "USER@DOMAIN") String login)
            throws ConfigurationException, StartupException, ApiException, IOException {
        AccountService service = service();
        UserInfo user = service.ask(Calls.USER, new UserQuery(login));
        service.ask(Calls.REMOVE_USER, new UserQuery(login));
        out().println("Removed " + user.user());
        return 0;
    }

    @Command(
            name = "disable",
            description = "Refuses logins of a user. Its mail is still delivered to the mailbox.",
            mixinStandardHelpOptions = true)
    int disable(@Parameters(paramLabel = "USER@DOMAIN") String login)
            throws ConfigurationException, StartupException, ApiException, IOException {
        UserInfo changed = service().ask(Calls.CHANGE_USER, UserChange.disabled(login, true));
        out().println("Disabled " + changed.user() + "; its mail is still delivered to the mailbox");
        return 0;
    }

    @Command(name = "enable", description = "Permits logins of a user again.", mixinStandardHelpOptions = true)
    int enable(@Parameters(paramLabel = "USER@DOMAIN") String login)
            throws ConfigurationException, StartupException, ApiException, IOException {
        UserInfo changed = service().ask(Calls.CHANGE_USER, UserChange.disabled(login, false));
        out().println("Enabled " + changed.user());
        if (changed.closed() != null) {
            err().println("warning: nobody can log in nevertheless: " + changed.closed());
        }
        return 0;
    }

    @Command(name = "quota", description = "Shows the quota of a user, or sets it.", mixinStandardHelpOptions = true)
    int quota(
            @Parameters(paramLabel = "USER@DOMAIN") String login,
            @Parameters(
                            paramLabel = "SIZE",
                            arity = "0..1",
                            description = "Maximum size of the mailbox, such as 500M or 2G; \"none\" for no limit.")
                    @Nullable
                    String size,
            @Option(names = "--messages", paramLabel = "N", description = "Maximum number of messages; 0 for no limit.")
                    @Nullable
                    Long messages)
            throws ConfigurationException, StartupException, ApiException, IOException {
        Long octets = size == null ? null : UserText.octets(size, spec);
        UserInfo user = octets == null && messages == null
                ? service().ask(Calls.USER, new UserQuery(login))
                : service().ask(Calls.CHANGE_USER, new UserChange(login, null, null, null, octets, messages));
        out().println(user.user() + ": " + UserText.quota(user));
        return 0;
    }

    @Command(
            name = "forward",
            description = "Forwards the mail of a user to other addresses, or ends the forwarding if none is given.",
            mixinStandardHelpOptions = true)
    int forward(
            @Parameters(index = "0", paramLabel = "USER@DOMAIN") String login,
            @Parameters(
                            index = "1..*",
                            paramLabel = "ADDRESS",
                            description = "The addresses. Default: none, which ends the forwarding.")
                    @Nullable
                    List<String> to,
            @Option(names = "--no-copy", description = "Delivers nothing to the user's own mailbox.") boolean noCopy)
            throws ConfigurationException, StartupException, ApiException, IOException {
        UserInfo user = service().ask(Calls.FORWARD_USER, new UserForward(login, to == null ? List.of() : to, !noCopy));
        out().println(user.user() + ": " + UserText.forward(user));
        return 0;
    }

    @Command(name = "show", description = "Shows a user.", mixinStandardHelpOptions = true)
    int show(
            @Parameters(paramLabel = "USER@DOMAIN") String login,
            @Option(names = "--json", description = JsonLines.HELP) boolean json)
            throws ConfigurationException, StartupException, ApiException, IOException {
        UserInfo user = service().ask(Calls.USER, new UserQuery(login));
        if (json) {
            out().println(Json.write(user));
        } else {
            UserText.lines(user).forEach(out()::println);
        }
        return 0;
    }

    @Command(
            name = "app-password",
            description = "Makes an app password of a user, which is shown once, or removes one.",
            mixinStandardHelpOptions = true)
    int appPassword(
            @Parameters(index = "0", paramLabel = "USER@DOMAIN") String login,
            @Option(names = "--name", paramLabel = "NAME", description = "A name for the new password.") @Nullable
                    String name,
            @Option(
                            names = "--scope",
                            paramLabel = "PROTOCOL",
                            split = ",",
                            description = "The protocols that accept it: smtp, pop3. Default: both.")
                    @Nullable
                    List<String> scopes,
            @Option(names = "--remove", paramLabel = "ID", description = "Removes the password with this id.") @Nullable
                    String remove)
            throws ConfigurationException, StartupException, ApiException, IOException {
        if ((name == null) == (remove == null)) {
            throw usage("--name or --remove: missing, or both (expected: one of them)");
        } else if (remove != null) {
            service().ask(Calls.REMOVE_APP_PASSWORD, new AppPasswordRemoval(login, remove));
            out().println("Removed the app password " + remove + " of " + login);
            return 0;
        }
        AppPasswordMade made = service()
                .ask(
                        Calls.ADD_APP_PASSWORD,
                        new NewAppPassword(login, String.valueOf(name), scopes == null ? List.of() : scopes));
        out().println(made.password());
        err().println("The password is not shown again. Its id is "
                + made.info().id() + ", it is for "
                + String.join(", ", made.info().scopes()) + ".");
        return 0;
    }

    @Command(
            name = "vacation",
            description = {
                "Shows the vacation reply of a user, or sets it.",
                "Each sender gets the reply once within limits.vacation-interval."
            },
            mixinStandardHelpOptions = true)
    int vacation(
            @Parameters(paramLabel = "USER@DOMAIN") String login,
            @Option(names = "--text", paramLabel = "TEXT", description = "Sends this text.") @Nullable String text,
            @Option(names = "--subject", paramLabel = "TEXT", description = "Default: that of the message.") @Nullable
                    String subject,
            @Option(names = "--start", paramLabel = "DATE", description = "The first day, such as 2026-07-01.")
                    @Nullable
                    String start,
            @Option(names = "--end", paramLabel = "DATE", description = "The last day.") @Nullable String end,
            @Option(names = "--off", description = "Sends no replies any more.") boolean off,
            @Option(names = "--json", description = "Prints JSON.") boolean json)
            throws ConfigurationException, StartupException, ApiException, IOException {
        boolean asked = text == null && !off;
        if (asked && (subject != null || start != null || end != null)) {
            throw usage("--text: missing (expected: the text of the reply, or --off)");
        }
        VacationInfo vacation = asked
                ? service().ask(Calls.VACATION, new UserQuery(login))
                : service().ask(Calls.SET_VACATION, new VacationChange(login, !off, subject, text, start, end));
        if (json) {
            out().println(Json.write(vacation));
        } else {
            UserText.lines(vacation).forEach(out()::println);
        }
        return 0;
    }

    @Command(
            name = "release",
            description = "Lifts the restriction of an account of the running server, and sends its held messages.",
            mixinStandardHelpOptions = true)
    int release(
            @Parameters(paramLabel = "USER@DOMAIN") String login,
            @Option(names = "--drop", description = "Removes the held messages instead of sending them.") boolean drop)
            throws ConfigurationException, StartupException, ApiException, IOException {
        AccountReleased done = service().ask(Calls.RELEASE_ACCOUNT, new ReleaseAccount(login, drop));
        out().println(done.user() + ": " + (done.restricted() ? "restriction lifted, " : "not restricted, ")
                + done.messages() + (done.messages() == 1 ? " held message " : " held messages ")
                + (done.dropped() ? "dropped" : "released"));
        out().flush();
        return 0;
    }

    @Command(
            name = "list",
            description = "Lists all users. If a user cannot log in from everywhere, the reason follows after a tab.",
            mixinStandardHelpOptions = true)
    int list(
            @Parameters(paramLabel = "DOMAIN", arity = "0..1", description = "Default: all domains.") @Nullable
                    String domain,
            @Option(names = "--json", description = JsonLines.HELP) boolean json)
            throws ConfigurationException, StartupException, ApiException, IOException {
        AccountService service = service();
        List<UserInfo> users = service.ask(Calls.USERS, new UsersQuery(domain));
        service.problems().forEach(problem -> err().println("warning: " + problem));
        if (json) {
            users.forEach(user -> out().println(Json.write(user)));
        } else {
            users.forEach(user -> out().println(user.user() + UserText.remark(user)));
        }
        return 0;
    }

    private AccountService service() throws ConfigurationException {
        return new AccountService(parent.configFile(), spec);
    }
}
