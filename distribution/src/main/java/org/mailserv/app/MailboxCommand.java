package org.mailserv.app;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.PathParser;
import org.mailserv.server.account.Account;
import org.mailserv.server.account.LocalAccounts;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.account.UsersFile;
import org.mailserv.server.config.ConfigurationException;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.spool.QueueId;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/**
 * {@code mailserv mailbox}: looks at mailboxes, takes mail in and out. It may be used while the server runs: a message comes into a
 * folder by a rename, whole or not at all.
 */
@Command(
        name = "mailbox",
        description = "Lists mailboxes, takes mail in and out as mbox or Maildir, and finds strays.",
        mixinStandardHelpOptions = true)
final class MailboxCommand implements Callable<Integer> {
    private static final int PROGRESS = 1000;

    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private MailservCommand parent;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return CommandLine.ExitCode.USAGE;
    }

    @Command(
            name = "list",
            description = "Lists the mailboxes with messages and octets.",
            mixinStandardHelpOptions = true)
    int list() throws ConfigurationException, StartupException, IOException {
        MailservConfig config = config();
        for (Account account : accounts(config)) {
            List<Path> messages = messages(folder(config, account.mailbox()));
            long octets = 0;
            for (Path message : messages) {
                octets += Files.size(message);
            }
            out().println(String.format("%7d %13d  %s", messages.size(), octets, account.mailbox()));
        }
        out().flush();
        return 0;
    }

    @Command(
            name = "export",
            description =
                    "Writes all messages of a mailbox to an mbox file or into a Maildir; they stay in the mailbox.",
            mixinStandardHelpOptions = true)
    int export(
            @Parameters(paramLabel = "USER@DOMAIN") String name,
            @Option(names = "--mbox", paramLabel = "FILE") Path mbox,
            @Option(names = "--maildir", paramLabel = "DIR") Path maildir)
            throws ConfigurationException, StartupException, IOException {
        MailservConfig config = config();
        List<Path> messages = messages(folder(config, mailbox(name)));
        if ((mbox == null) == (maildir == null)) {
            throw usage("where to? (--mbox FILE or --maildir DIR)");
        } else if (mbox != null) {
            try (MboxFile.Writer writer = new MboxFile.Writer(mbox)) {
                for (int i = 0; i < messages.size(); i++) {
                    try (InputStream in = Files.newInputStream(messages.get(i))) {
                        writer.add(in);
                    }
                    progress(i + 1);
                }
            }
        } else {
            makeMaildir(maildir);
            for (int i = 0; i < messages.size(); i++) {
                Path message = messages.get(i);
                Path folder = message.getParent();
                String part = folder == null ? "new" : String.valueOf(folder.getFileName());
                Files.copy(
                        message,
                        maildir.resolve(part).resolve(message.getFileName()),
                        StandardCopyOption.COPY_ATTRIBUTES);
                progress(i + 1);
            }
        }
        out().println("Exported " + messages.size() + " messages of " + name);
        out().flush();
        return 0;
    }

    @Command(
            name = "import",
            description = "Adds the messages of an mbox file or of a Maildir to a mailbox.",
            mixinStandardHelpOptions = true)
    int load(
            @Parameters(paramLabel = "USER@DOMAIN") String name,
            @Option(names = "--mbox", paramLabel = "FILE") Path mbox,
            @Option(names = "--maildir", paramLabel = "DIR") Path maildir)
            throws ConfigurationException, StartupException, IOException {
        MailservConfig config = config();
        MailboxName mailbox = mailbox(name);
        if (accounts(config).stream().noneMatch(account -> account.mailbox().equals(mailbox))) {
            throw usage(name + " is no account here");
        } else if ((mbox == null) == (maildir == null)) {
            throw usage("where from? (--mbox FILE or --maildir DIR)");
        }
        Path folder = folder(config, mailbox);
        makeMaildir(folder);
        int count = 0;
        if (mbox != null) {
            int[] begun = new int[1];
            count = MboxFile.read(mbox, () -> {
                progress(++begun[0]);
                return new Incoming(folder, QueueId.random().toString());
            });
        } else {
            for (Path message : messages(maildir)) {
                try (OutputStream out = new Incoming(folder, QueueId.random().toString())) {
                    Files.copy(message, out);
                }
                progress(++count);
            }
        }
        out().println("Imported " + count + " messages into " + name);
        out().flush();
        return 0;
    }

    @Command(
            name = "check",
            description = "Finds folders without an account, and files that no delivery finished.",
            mixinStandardHelpOptions = true)
    int check() throws ConfigurationException, StartupException, IOException {
        MailservConfig config = config();
        List<String> found = new ArrayList<>();
        List<Path> known = new ArrayList<>();
        for (Account account : accounts(config)) {
            Path folder = folder(config, account.mailbox());
            known.add(folder.toAbsolutePath().normalize());
            for (Path file : files(folder.resolve("tmp"))) {
                found.add("unfinished: " + file);
            }
        }
        for (String domain : config.domains().keySet()) {
            Path folder = new DataFolder(config, new RealDisk()).layout().domainFolder(domain);
            for (Path mailbox : folders(folder)) {
                if (!known.contains(mailbox.toAbsolutePath().normalize())) {
                    found.add("no account: " + mailbox);
                }
            }
        }
        found.forEach(out()::println);
        out().println(found.size() + " found");
        out().flush();
        return found.isEmpty() ? 0 : 1;
    }

    /** A message on its way into a Maildir: in tmp until it is closed, and in new then. */
    private static final class Incoming extends FilterOutputStream {
        private final Path temporary;
        private final Path target;

        Incoming(Path maildir, String name) throws IOException {
            super(Files.newOutputStream(maildir.resolve("tmp").resolve(name)));
            temporary = maildir.resolve("tmp").resolve(name);
            target = maildir.resolve("new").resolve(name);
        }

        @Override
        public void write(byte[] octets, int from, int count) throws IOException {
            out.write(octets, from, count);
        }

        @Override
        public void close() throws IOException {
            super.close();
            if (Files.exists(temporary)) {
                Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            }
        }
    }

    private MailservConfig config() throws ConfigurationException, StartupException {
        MailservConfig config = ConfigFile.load(parent.configFile());
        OwnerOfData.become(config.dataDir());
        return config;
    }

    private static List<Account> accounts(MailservConfig config) throws IOException {
        Path path = config.usersFile();
        UsersFile file = path == null ? null : new UsersFile(path, new RealDisk());
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

    private static void makeMaildir(Path folder) throws IOException {
        for (String part : List.of("tmp", "new", "cur")) {
            new RealDisk().createDirectories(folder.resolve(part));
        }
    }

    /** Oldest first, as far as the files tell. */
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
            spec.commandLine().getErr().println(count + " messages ...");
            spec.commandLine().getErr().flush();
        }
    }

    private ParameterException usage(String text) {
        return new ParameterException(spec.commandLine(), text);
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
