package org.mailserv.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.Json;
import org.mailserv.app.api.MailboxUsage;
import org.mailserv.app.config.DataFolder;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.OwnerOfData;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.transfer.ImportSources;
import org.mailserv.app.transfer.MailSource;
import org.mailserv.app.transfer.MailboxExport;
import org.mailserv.app.transfer.MailboxImport;
import org.mailserv.app.transfer.UidLists;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.PathParser;
import org.mailserv.server.account.Account;
import org.mailserv.server.account.LocalAccounts;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.account.UsersFile;
import org.mailserv.server.config.ConfigurationException;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.spool.SealedIds;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code mailserv mailbox}: lists mailboxes, imports and exports mail. It may be used while the server runs: a message comes into a
 * folder by a rename, complete or not at all.
 */
@Command(
        name = "mailbox",
        description = "Lists mailboxes, imports and exports mail as mbox or Maildir, and finds orphaned files.",
        mixinStandardHelpOptions = true)
public final class MailboxCommand extends CommandGroup {
    private static final int PROGRESS = 1000;

    private record Exported(String mailbox, int messages) {}

    /** A file or folder that belongs to nobody: {@code unfinished} or {@code no account}. */
    private record Orphan(String kind, String path) {}

    @Command(
            name = "list",
            description = "Lists the mailboxes with their number of messages and octets.",
            mixinStandardHelpOptions = true)
    int list(@Option(names = "--json", description = JsonLines.HELP) boolean json)
            throws ConfigurationException, StartupException, IOException {
        MailservConfig config = configAsOwner();
        config.store().requireFiles();
        for (Account account : accounts(config)) {
            List<Path> messages = messages(folder(config, account.mailbox()));
            long octets = 0;
            for (Path message : messages) {
                octets += Files.size(message);
            }
            MailboxUsage usage = new MailboxUsage(account.mailbox().toString(), messages.size(), octets);
            out().println(
                            json
                                    ? Json.write(usage)
                                    : String.format("%7d %13d  %s", messages.size(), octets, account.mailbox()));
        }
        out().flush();
        return 0;
    }

    @Command(
            name = "export",
            description =
                    "Copies all messages of a mailbox into a Maildir, with its folders, or to an mbox file; they stay"
                            + " in the mailbox.",
            mixinStandardHelpOptions = true)
    int export(
            @Parameters(paramLabel = "USER@DOMAIN", description = "The mailbox.") String name,
            @Option(names = "--mbox", paramLabel = "FILE", description = "File to write; replaced if it exists.")
                    Path mbox,
            @Option(names = "--maildir", paramLabel = "DIR", description = "Maildir to add the missing messages to.")
                    Path maildir,
            @Option(
                            names = "--folder",
                            paramLabel = "NAME",
                            description =
                                    "Folder of the mailbox to export, such as Sent, for --mbox. Default: the inbox.")
                    String folder,
            @Option(names = "--json", description = JsonLines.HELP) boolean json)
            throws ConfigurationException, StartupException, IOException {
        if ((mbox == null) == (maildir == null)) {
            throw usage("where to? (--mbox FILE or --maildir DIR)");
        }
        MailservConfig config = configAsOwner();
        config.store().requireFiles();
        MailboxName mailbox = mailbox(name);
        Path source = folder(config, mailbox);
        if (!Files.isDirectory(source) && !isAccount(config, mailbox)) {
            throw usage(name + " is no account here");
        }
        Disk disk = new RealDisk();
        MailboxExport export = new MailboxExport(source, disk, new DataFolder(config, disk).ids(), this::progress);
        int count = mbox != null ? export.toMbox(folderName(folder), mbox) : export.toMaildir(maildir);
        out().println(json ? Json.write(new Exported(name, count)) : "Exported " + messages(count) + " of " + name);
        out().flush();
        return 0;
    }

    @Command(
            name = "import",
            description = {
                "Adds the mail of another server to a mailbox: a Maildir with its folders, an mbox file, or a"
                        + " directory of mbox files.",
                "Run it again to add newer mail: each message is added once. Exit code 1 if a message could not be"
                        + " read."
            },
            mixinStandardHelpOptions = true)
    int load(
            @Parameters(paramLabel = "USER@DOMAIN", description = "The mailbox.") String name,
            @Parameters(paramLabel = "SOURCE", arity = "0..1", description = "Maildir, or mbox file or directory.")
                    Path source,
            @Option(names = "--mbox", paramLabel = "FILE", description = "The same as SOURCE; must be an mbox file.")
                    Path mbox,
            @Option(names = "--maildir", paramLabel = "DIR", description = "The same as SOURCE; must be a Maildir.")
                    Path maildir,
            @Option(
                            names = "--folder",
                            paramLabel = "NAME",
                            description = "Folder for the messages of an mbox file, such as Sent. Default: the inbox.")
                    String folder,
            @Option(
                            names = "--uidl-format",
                            paramLabel = "FORMAT",
                            defaultValue = UidLists.DOVECOT_FORMAT,
                            description = "pop3_uidl_format of the old Dovecot, with %%u, %%v, %%f and %%g. Default:"
                                    + " %%08Xu%%08Xv.")
                    String uidFormat,
            @Option(names = "--json", description = JsonLines.HELP) boolean json)
            throws ConfigurationException, StartupException, IOException {
        if (Stream.of(source, mbox, maildir).filter(Objects::nonNull).count() != 1) {
            throw usage("where from? (SOURCE, --mbox FILE or --maildir DIR)");
        }
        ImportSources sources = new ImportSources(folderName(folder), known(uidFormat));
        MailSource from =
                mbox != null ? sources.mbox(mbox) : maildir != null ? sources.maildir(maildir) : sources.of(source);
        return load(name, from, json);
    }

    private String known(String uidFormat) {
        if (!UidLists.isFormat(uidFormat)) {
            throw usage(
                    "--uidl-format " + uidFormat + ": unknown variable (expected: %u, %v, %f, %g, as in %08Xu%08Xv)");
        }
        return uidFormat;
    }

    private int load(String name, MailSource from, boolean json)
            throws ConfigurationException, StartupException, IOException {
        MailservConfig config = config();
        config.store().requireFiles();
        MailboxName mailbox = mailbox(name);
        if (!isAccount(config, mailbox)) {
            throw usage(name + " is no account here");
        }
        // The source may be readable for root alone: what is made is given to the server's user instead.
        OwnerOfData.Owner owner = OwnerOfData.of(config.dataDir());
        Disk disk = new RealDisk();
        DataFolder data = new DataFolder(config, disk);
        disk.createDirectories(data.path());
        SealedIds ids = data.ids();
        owner.give(data.orderKey());
        try (MailboxImport imported = MailboxImport.open(folder(config, mailbox), disk, ids, owner, this::progress)) {
            from.read(imported);
            imported.commit();
            return tell(imported, name, json);
        }
    }

    private int tell(MailboxImport imported, String name, boolean json) {
        imported.problems().forEach(line -> err().println("not imported: " + line));
        err().flush();
        String more = (imported.present() > 0 ? ", " + imported.present() + " there already" : "")
                + (imported.changed() > 0 ? ", flags of " + imported.changed() + " changed" : "")
                + (imported.problems().isEmpty()
                        ? ""
                        : ", " + imported.problems().size() + " not readable");
        out().println(
                        json
                                ? Json.write(ImportedMail.of(name, imported))
                                : "Imported " + messages(imported.imported()) + " into " + name + more);
        out().flush();
        if (imported.imported() + imported.present() == 0) {
            spec.commandLine().getErr().println("mailserv: the source has no messages that could be imported");
            spec.commandLine().getErr().flush();
            return 1;
        }
        return imported.problems().isEmpty() ? 0 : 1;
    }

    private static String messages(int count) {
        return count + (count == 1 ? " message" : " messages");
    }

    /** The folder's name in a Maildir++: {@code Archive/2020} is {@code .Archive.2020}; nothing is the inbox. */
    private String folderName(@Nullable String folder) {
        if (folder == null || folder.equalsIgnoreCase("INBOX")) {
            return "";
        }
        String name = folder.startsWith(".") ? folder.substring(1) : folder;
        String plain = "." + name.replace('/', '.');
        if (name.isEmpty()
                || plain.contains("..")
                || plain.endsWith(".")
                || plain.length() > 200
                || plain.indexOf(0) >= 0) {
            throw usage("--folder " + folder + ": no folder name (expected: such as Sent or Archive/2020)");
        }
        return plain;
    }

    @Command(
            name = "check",
            description = "Finds folders without an account, and files of unfinished deliveries.",
            mixinStandardHelpOptions = true)
    int check(@Option(names = "--json", description = JsonLines.HELP) boolean json)
            throws ConfigurationException, StartupException, IOException {
        MailservConfig config = configAsOwner();
        config.store().requireFiles();
        List<Orphan> found = new ArrayList<>();
        List<Path> known = new ArrayList<>();
        for (Account account : accounts(config)) {
            Path folder = folder(config, account.mailbox());
            known.add(folder.toAbsolutePath().normalize());
            for (Path file : files(folder.resolve("tmp"))) {
                found.add(new Orphan("unfinished", file.toString()));
            }
        }
        for (String domain : config.domains().keySet()) {
            Path folder = new DataFolder(config, new RealDisk()).layout().domainFolder(domain);
            for (Path mailbox : folders(folder)) {
                if (!known.contains(mailbox.toAbsolutePath().normalize())) {
                    found.add(new Orphan("no account", mailbox.toString()));
                }
            }
        }
        found.forEach(orphan -> out().println(json ? Json.write(orphan) : orphan.kind() + ": " + orphan.path()));
        if (!json) {
            out().println(found.size() + " found");
        }
        out().flush();
        return found.isEmpty() ? 0 : 1;
    }

    private static boolean isAccount(MailservConfig config, MailboxName mailbox) throws IOException {
        return accounts(config).stream().anyMatch(account -> account.mailbox().equals(mailbox));
    }

    /** Returns the accounts of the configuration and the users file. Blocks. */
    static List<Account> accounts(MailservConfig config) throws IOException {
        UsersFile file = new UsersFile(config.usersFilePath(), new RealDisk());
        try (LocalAccounts accounts =
                new LocalAccounts(config.domains(), config.primaryDomain(), file, null, config.tagSeparators(), 1)) {
            return accounts.accounts();
        }
    }

    private static Path folder(MailservConfig config, MailboxName mailbox) {
        return new DataFolder(config, new RealDisk()).layout().folder(mailbox);
    }

    private MailboxName mailbox(String name) {
        Address address = PathParser.parseAddress(name);
        if (address == null || address.domain().isEmpty()) {
            throw usage(name + ": no mailbox (expected: user@domain)");
        }
        return new MailboxName(address.domain(), address.localPart());
    }

    private static List<Path> messages(Path maildir) throws IOException {
        List<Path> messages = new ArrayList<>(files(maildir.resolve("cur")));
        messages.addAll(files(maildir.resolve("new")));
        return messages;
    }

    private static List<Path> files(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                    .filter(file -> !String.valueOf(file.getFileName()).startsWith("."))
                    .sorted()
                    .toList();
        }
    }

    private static List<Path> folders(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(Files::isDirectory).sorted().toList();
        }
    }

    private void progress(int count) {
        if (count % PROGRESS == 0) {
            err().println(count + " messages ...");
            err().flush();
        }
    }
}
