package org.mailserv.app.cli;

import java.io.IOException;
import org.mailserv.app.api.AccountReleased;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.ReleaseAccount;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.OwnerOfData;
import org.mailserv.app.config.StartupException;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.codec.address.PathParser;
import org.mailserv.server.account.LocalAccounts;
import org.mailserv.server.account.LoginRestrictions;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.account.PasswordScheme;
import org.mailserv.server.account.UsersFile;
import org.mailserv.server.config.ConfigurationException;
import org.mailserv.server.disk.RealDisk;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code mailserv user}: the users file; a running server sees the change within a second. */
@Command(
        name = "user",
        description = "Adds, lists and removes users of the users file.",
        mixinStandardHelpOptions = true)
public final class UserCommand extends CommandGroup {
    @Command(name = "add", description = "Adds a user.", mixinStandardHelpOptions = true)
    int add(
            @Parameters(paramLabel = "USER@DOMAIN") String login,
            @Option(names = "--password-stdin", description = "Reads the password from standard input.")
                    boolean fromInput)
            throws ConfigurationException, StartupException, IOException {
        MailservConfig config = config();
        MailboxName mailbox = mailbox(login);
        if (config.domains().keySet().stream().noneMatch(domain -> DomainNames.same(domain, mailbox.domain()))) {
            throw usage(mailbox.domain() + " is no local domain: add it to domains in the configuration first");
        }
        UsersFile file = usersFile(config);
        if (file.read().users().containsKey(mailbox)) {
            throw usage(mailbox + " is there already: `mailserv user passwd " + mailbox + "` changes the password");
        }
        file.put(mailbox, PasswordScheme.hash(PasswordPrompt.read(fromInput, spec)));
        out().println("Added " + mailbox);
        return 0;
    }

    @Command(name = "passwd", description = "Changes the password of a user.", mixinStandardHelpOptions = true)
    int passwd(
            @Parameters(paramLabel = "USER@DOMAIN") String login,
            @Option(names = "--password-stdin", description = "Reads the password from standard input.")
                    boolean fromInput)
            throws ConfigurationException, StartupException, IOException {
        UsersFile file = usersFile(config());
        MailboxName mailbox = mailbox(login);
        if (!file.read().users().containsKey(mailbox)) {
            throw usage(mailbox + " is not in " + file.path());
        }
        file.put(mailbox, PasswordScheme.hash(PasswordPrompt.read(fromInput, spec)));
        out().println("Changed the password of " + mailbox);
        return 0;
    }

    @Command(name = "remove", description = "Removes a user; the mail stays.", mixinStandardHelpOptions = true)
    int remove(@Parameters(paramLabel = "USER@DOMAIN") String login)
            throws ConfigurationException, StartupException, IOException {
        UsersFile file = usersFile(config());
        MailboxName mailbox = mailbox(login);
        if (!file.remove(mailbox)) {
            throw usage(mailbox + " is not in " + file.path());
        }
        out().println("Removed " + mailbox);
        return 0;
    }

    @Command(
            name = "release",
            description = "Lifts the restriction of an account of the running server, and sends its held messages.",
            mixinStandardHelpOptions = true)
    int release(
            @Parameters(paramLabel = "USER@DOMAIN") String login,
            @Option(names = "--drop", description = "Removes the held messages instead of sending them.") boolean drop)
            throws ConfigurationException, StartupException, ApiException {
        MailservConfig config = config();
        String user = mailbox(login).toString();
        AccountReleased done = server(config).ask(Calls.RELEASE_ACCOUNT, new ReleaseAccount(user, drop));
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
    int list() throws ConfigurationException, StartupException, IOException {
        MailservConfig config = config();
        UsersFile file = new UsersFile(config.usersFilePath(), new RealDisk());
        // What is wrong with the file is logged, to standard error, while it is read.
        try (LocalAccounts accounts =
                new LocalAccounts(config.domains(), config.primaryDomain(), file, null, config.tagSeparators(), 1)) {
            accounts.accounts().forEach(account -> out().println(account.mailbox() + remark(account.restrictions())));
        }
        return 0;
    }

    private static String remark(LoginRestrictions restrictions) {
        if (restrictions.closed() != null) {
            return "\tclosed: " + restrictions.closed();
        }
        return restrictions.networks().isEmpty() ? "" : "\tonly from its allow_nets";
    }

    private UsersFile usersFile(MailservConfig config) throws StartupException {
        // A file of root's own could not be read by the server.
        OwnerOfData.become(config.dataDir());
        return new UsersFile(config.usersFilePath(), new RealDisk());
    }

    private MailboxName mailbox(String login) {
        Address address = PathParser.parseAddress(login);
        if (address == null || address.domain().isEmpty()) {
            throw usage(login + " is no mailbox (expected: user@domain)");
        }
        if (address.localPart().indexOf(':') >= 0 || address.localPart().startsWith("#")) {
            throw usage(login + " cannot be in a users file, where : ends the name and # begins a comment");
        }
        return new MailboxName(address.domain(), address.localPart());
    }
}
