package org.mailserv.app.cli;

import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.Json;
import org.mailserv.app.config.ConfigFile;
import org.mailserv.app.config.DataFolder;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.OwnerOfData;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.transfer.MailboxImport;
import org.mailserv.app.transfer.UidLists;
import org.mailserv.app.transfer.imap.ImapException;
import org.mailserv.app.transfer.imap.ImapServer;
import org.mailserv.app.transfer.imap.ImapSource;
import org.mailserv.server.account.LocalAccounts;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.account.UsersFile;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.disk.TextFile;
import org.mailserv.server.spool.SealedIds;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code mailserv import imap}. */
@Command(
        name = "imap",
        description = {
            "Copies all folders of an account on an IMAP server into a mailbox, with dates and flags.",
            "Run it again to add newer mail: each message is added once. Exit code 1 if a message could not be read."
        },
        mixinStandardHelpOptions = true)
final class ImportImapCommand implements Callable<Integer> {
    private static final int PROGRESS = 100;

    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private ImportCommand parent;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(paramLabel = "USER@DOMAIN", description = "The mailbox here.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String name;

    @Option(names = "--host", paramLabel = "HOST", required = true, description = "The IMAP server.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String host;

    @Option(names = "--port", paramLabel = "PORT", description = "Default: 993, or 143 with --starttls or --plain.")
    @Nullable
    private Integer port;

    @Option(names = "--user", paramLabel = "LOGIN", description = "The login there. Default: USER@DOMAIN.")
    @Nullable
    private String user;

    @Option(names = "--password-file", paramLabel = "FILE", description = "Reads the password from the first line.")
    @Nullable
    private Path passwordFile;

    @Option(names = "--password-stdin", description = "Reads the password from standard input.")
    private boolean passwordFromInput;

    @Option(names = "--starttls", description = "TLS by STARTTLS instead of from the start.")
    private boolean startTls;

    @Option(names = "--plain", description = "No TLS: anybody on the way can read the password.")
    private boolean plain;

    @Option(
            names = "--uidl-format",
            paramLabel = "FORMAT",
            defaultValue = UidLists.DOVECOT_FORMAT,
            description = "pop3_uidl_format of the old Dovecot, with %%u and %%v. Default: %%08Xu%%08Xv.")
    private String uidFormat = UidLists.DOVECOT_FORMAT;

    @Option(names = "--json", description = JsonLines.HELP)
    private boolean json;

    @Override
    public Integer call() throws Exception {
        if (!UidLists.isFormat(uidFormat)) {
            throw usage("--uidl-format " + uidFormat + ": unknown variable (expected: %u, %v, as in %08Xu%08Xv)");
        }
        MailservConfig config = ConfigFile.load(parent.configFile());
        config.store().requireFiles();
        MailboxName mailbox = MailboxName.of(name);
        if (mailbox == null || !isAccount(config, mailbox)) {
            throw usage(name + " is no account here (`mailserv user add` makes one)");
        }
        ImapServer.Security security =
                plain ? ImapServer.Security.PLAIN : startTls ? ImapServer.Security.STARTTLS : ImapServer.Security.TLS;
        int at = port != null ? port : security == ImapServer.Security.TLS ? 993 : 143;
        ImapServer server = new ImapServer(host, at, security, user != null ? user : name, password());
        ImapSource source = new ImapSource(server, uidFormat, this::say);
        OwnerOfData.Owner owner = OwnerOfData.of(config.dataDir());
        Disk disk = new RealDisk();
        DataFolder data = new DataFolder(config, disk);
        disk.createDirectories(data.path());
        SealedIds ids = data.ids();
        owner.give(data.orderKey());
        try (MailboxImport imported =
                MailboxImport.open(data.layout().folder(mailbox), disk, ids, owner, this::progress)) {
            return read(source, imported);
        }
    }

    /** Imports the mail. Messages that arrived before a connection broke stay, and the next run continues after it. */
    private int read(ImapSource source, MailboxImport imported) throws IOException, StartupException {
        try {
            source.read(imported);
        } catch (ImapException e) {
            imported.commit();
            if (imported.imported() + imported.present() == 0) {
                throw new StartupException(String.valueOf(e.getMessage()), e);
            }
            tell(source, imported);
            throw new StartupException(e.getMessage() + " (run it again: it continues where it stopped)", e);
        }
        imported.commit();
        return tell(source, imported);
    }

    private int tell(ImapSource source, MailboxImport imported) {
        PrintWriter err = spec.commandLine().getErr();
        imported.problems().forEach(line -> err.println("not imported: " + line));
        int here = imported.imported() + imported.present();
        int missing = source.messages() - here - imported.problems().size();
        if (missing > 0) {
            err.println("not imported: " + missing + " of " + source.messages() + " messages were not read");
        } else if (source.messages() == 0) {
            err.println("mailserv: the account has no messages");
        }
        err.flush();
        PrintWriter out = spec.commandLine().getOut();
        out.println(
                json
                        ? Json.write(ImportedMail.of(name, imported))
                        : "Imported " + imported.imported() + (imported.imported() == 1 ? " message" : " messages")
                                + " into "
                                + name + ", " + imported.present() + " there already"
                                + (imported.changed() > 0 ? ", flags of " + imported.changed() + " changed" : "") + ": "
                                + here + " of "
                                + source.messages() + " on the server");
        out.flush();
        return here == source.messages() && here > 0 && imported.problems().isEmpty() ? 0 : 1;
    }

    private String password() throws IOException {
        String password;
        Console console = Terminal.console();
        if (passwordFile != null) {
            password = TextFile.lines(passwordFile).stream().findFirst().orElse("");
        } else if (passwordFromInput || console == null) {
            String line = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
            password = line == null ? "" : line;
        } else {
            char[] typed = console.readPassword("Password of %s at %s: ", user != null ? user : name, host);
            password = typed == null ? "" : new String(typed);
        }
        if (password.isEmpty()) {
            throw usage("no password (--password-file FILE, --password-stdin, or at the prompt)");
        }
        return password;
    }

    private static boolean isAccount(MailservConfig config, MailboxName mailbox) throws IOException {
        UsersFile file = new UsersFile(config.usersFilePath(), new RealDisk());
        try (LocalAccounts accounts =
                new LocalAccounts(config.domains(), config.primaryDomain(), file, null, config.tagSeparators(), 1)) {
            return accounts.accounts().stream()
                    .anyMatch(account -> account.mailbox().equals(mailbox));
        }
    }

    private void progress(int count) {
        if (count % PROGRESS == 0) {
            say(count + " messages ...");
        }
    }

    private void say(String line) {
        spec.commandLine().getErr().println(line);
        spec.commandLine().getErr().flush();
    }

    private CommandLine.ParameterException usage(String message) {
        return new CommandLine.ParameterException(spec.commandLine(), message);
    }
}
