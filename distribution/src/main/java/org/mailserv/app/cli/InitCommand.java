package org.mailserv.app.cli;

import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.Json;
import org.mailserv.app.config.AddedDomains;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.codec.address.PathParser;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.account.PasswordScheme;
import org.mailserv.server.account.UsersFile;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.net.Privileges;
import org.mailserv.server.pickup.SharedFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code mailserv init}: a first configuration, account and keys, and the records to publish. */
@Command(
        name = "init",
        description = "Writes a first configuration with an account and keys, and prints the DNS records to publish.",
        mixinStandardHelpOptions = true)
public final class InitCommand implements Callable<Integer> {
    private static final String PACKAGED_USER = "mailserv";
    private static final String PACKAGED_DATA = "/var/lib/mailserv";
    private static final String LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";

    private static final String LOCAL_MAIL =
            "# Every user of this host can send mail with sendmail, and list the queue with mailq.\n"
                    + "pickup { folder = \"" + SharedFolder.PACKAGED + "\", shared = true }\n";

    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private MailservCommand parent;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--hostname", paramLabel = "NAME", description = "The server's name.")
    @Nullable
    String hostname;

    @Option(names = "--domain", paramLabel = "DOMAIN", description = "A local domain; may be repeated.")
    List<String> domains = new ArrayList<>();

    @Option(
            names = "--account",
            paramLabel = "USER@DOMAIN",
            description = "The first account, which is also the postmaster.")
    @Nullable
    String account;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "Default: ${DEFAULT-VALUE}.",
            defaultValue = PACKAGED_DATA)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    Path dataDir;

    @Option(
            names = "--user",
            paramLabel = "USER",
            description =
                    "User to run the server as after its ports are bound, and the owner of the files written here."
                            + " Default for root: the data folder's owner, or mailserv.")
    @Nullable
    String user;

    @Option(
            names = "--acme",
            negatable = true,
            description =
                    "Gets a certificate from Let's Encrypt, whose terms of service you thereby agree to. Without a terminal, the default is --no-acme.")
    @Nullable
    Boolean acme;

    @Option(names = "--yes", description = "Does not prompt, for scripts.")
    boolean yes;

    @Option(names = "--json", description = JsonLines.HELP)
    private boolean json;

    /** The files that were written, the first account with its password, and the DNS records to publish. */
    private record Made(String config, String dataDir, String account, String password, List<String> records) {}

    @Override
    public Integer call() throws Exception {
        Path file = target();
        if (Files.exists(file)) {
            throw usage(file + " exists already: move it away, or give another name with --config");
        }
        requireNamesWithoutTerminal();
        String host = answer("Host name of this server", hostname, proposedHost());
        if (!isFullName(host)) {
            throw usage("\"" + host
                    + "\" cannot be this server's name in the DNS: give the full name with --hostname, such as"
                    + " mx.example.org");
        }
        List<String> names = localDomains(host);
        Address first = firstAccount(names);
        boolean certificate = wantsCertificate();
        Path data = dataDir.toAbsolutePath();
        Privileges.Identity owner = owner(data);
        boolean shares = owner != null && data.equals(Path.of(PACKAGED_DATA));
        String text = configuration(
                host,
                names,
                first,
                owner == null || owner.user().isEmpty() ? user : owner.user(),
                certificates(certificate, first) + (shares ? LOCAL_MAIL : ""));
        String password = password();
        MailboxName mailbox = new MailboxName(first.domain(), first.localPart());
        create(file, text, data, owner, shares);
        new UsersFile(data.resolve("users"), new RealDisk()).put(mailbox, PasswordScheme.hash(password));
        Made made = new Made(
                file.toString(), data.toString(), mailbox.toString(), password, FirstRecords.of(host, names, data));
        if (json) {
            spec.commandLine().getOut().println(Json.write(made));
        } else {
            tell(made, host);
        }
        spec.commandLine().getOut().flush();
        return 0;
    }

    /** Creates the folders and the configuration, and continues as the server's user. */
    private static void create(Path file, String text, Path data, Privileges.@Nullable Identity owner, boolean shares)
            throws IOException {
        makePrivate(data);
        write(file, text);
        if (owner != null) {
            if (shares) {
                share(SharedFolder.PACKAGED, owner);
            }
            handOver(file, data, owner);
        }
    }

    /** Returns the file to write: where the launcher, the image or the package looks for it, otherwise one in this folder. */
    private Path target() {
        String named = System.getenv("MAILSERV_CONFIG");
        if (parent.config != null) {
            return parent.config;
        } else if (named != null && !named.isBlank()) {
            return Path.of(named);
        }
        Path packaged = Path.of("/etc/mailserv");
        return ProgramName.isLauncher() && Files.isWritable(packaged)
                ? packaged.resolve("mailserv.conf")
                : Path.of("mailserv.conf");
    }

    private List<String> localDomains(String host) {
        List<String> names = domains.isEmpty()
                ? List.of(answer("Domain whose mail stays here", null, parentOf(host))
                        .split("[,\\s]+"))
                : domains;
        for (String name : names) {
            if (AddedDomains.canonical(name) == null) {
                throw usage("\"" + name + "\" cannot be a mail domain (expected: a name such as example.org)");
            }
        }
        return names;
    }

    private Address firstAccount(List<String> names) {
        Address first = PathParser.parseAddress(answer("First account", account, "postmaster@" + names.get(0)));
        if (first == null || names.stream().noneMatch(name -> DomainNames.same(name, first.domain()))) {
            throw usage("the first account is not an address of " + String.join(", ", names)
                    + " (expected: for example joe@" + names.get(0) + ")");
        }
        return first;
    }

    private void tell(Made made, String host) {
        PrintWriter out = spec.commandLine().getOut();
        out.println("Wrote " + made.config() + " and " + made.dataDir());
        out.println("Account " + made.account() + ", password " + made.password() + " (shown this once)");
        out.println();
        out.println("Publish these records:");
        made.records().forEach(record -> out.println("  " + record));
        out.println();
        out.println("And a PTR record of this host's address that says " + host + "; your provider sets it.");
        out.println("Then check it with `" + ProgramName.get() + " -c " + made.config()
                + " check-config`, and start the server with `" + starter(Path.of(made.config())) + "`.");
    }

    private static String starter(Path file) {
        boolean unit = file.toAbsolutePath().equals(Path.of("/etc/mailserv/mailserv.conf"))
                && Files.isDirectory(Path.of("/run/systemd/system"));
        return unit ? "systemctl enable --now mailserv" : ProgramName.get() + " -c " + file;
    }

    /** Creates the data folder, or closes it to other users: everybody can read a home folder that useradd made. */
    private static void makePrivate(Path data) throws IOException {
        new RealDisk().createDirectories(data);
        if (data.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
        }
    }

    /** Creates the folder in which every user of the host may drop mail: the server's user may not create it. */
    private static void share(Path folder, Privileges.Identity owner) throws IOException {
        Files.createDirectories(folder);
        Files.setAttribute(folder, "unix:uid", owner.uid());
        Files.setAttribute(folder, "unix:gid", owner.gid());
        SharedFolder.open(folder);
    }

    /** Transfers the files that root creates to the server's user, who reads them at start-up and at each reload. */
    private static void handOver(Path file, Path data, Privileges.Identity owner) throws IOException {
        Files.setAttribute(file, "unix:gid", owner.gid());
        Files.setAttribute(data, "unix:uid", owner.uid());
        Files.setAttribute(data, "unix:gid", owner.gid());
        Privileges.drop(owner);
    }

    /** The user who was named, the owner of a data folder that was there, or the user that the packages make; null for whoever runs this. */
    private Privileges.@Nullable Identity owner(Path data) throws IOException {
        if (!Privileges.isRoot()) {
            return null;
        } else if (user != null) {
            return Privileges.find(user, null);
        }
        Privileges.Identity packaged = null;
        try {
            packaged = Privileges.find(PACKAGED_USER, null);
        } catch (IOException e) {
            // None of that name: then root itself, who is told at the start.
        }
        int uid = Files.isDirectory(data) ? (int) Files.getAttribute(data, "unix:uid") : 0;
        return uid == 0 || packaged != null && packaged.uid() == uid
                ? packaged
                : new Privileges.Identity("", uid, (int) Files.getAttribute(data, "unix:gid"));
    }

    private String answer(String question, @Nullable String given, String proposal) {
        Console console = Terminal.console();
        if (given != null) {
            return given;
        } else if (yes || console == null) {
            return proposal;
        }
        String line = console.readLine("%s [%s]: ", question, proposal);
        return line == null || line.isBlank() ? proposal : line.strip();
    }

    /** Asks whether the server gets a certificate by itself: by that the operator agrees to the CA's terms. */
    private boolean wantsCertificate() {
        if (acme != null) {
            return acme;
        } else if (yes || Terminal.console() == null) {
            return false;
        }
        return answer(
                        "Get a certificate from Let's Encrypt and agree to its terms (port 80 must be reachable)",
                        null,
                        "yes")
                .toLowerCase(Locale.ROOT)
                .startsWith("y");
    }

    private static String certificates(boolean byAcme, Address first) {
        return byAcme
                ? "# The certificate comes from Let's Encrypt, which connects to port 80 of this host.\n"
                        + "tls.acme { enabled = true, email = \"" + first + "\" }\n"
                : "# Without a certificate, a self-signed one is created at the first start. By itself, from Let's Encrypt:\n"
                        + "# tls.acme.enabled = true\n"
                        + "# From files:\n"
                        + "# tls.certificates = [ { certificate = \"/etc/mailserv/fullchain.pem\", key = \"/etc/mailserv/privkey.pem\" } ]\n";
    }

    private ParameterException usage(String text) {
        return new ParameterException(spec.commandLine(), text);
    }

    /** Refuses to guess names where nobody can correct them: in a container the guess would be the container's id. */
    private void requireNamesWithoutTerminal() {
        if (Terminal.console() == null && !yes && (hostname == null || domains.isEmpty())) {
            throw usage(
                    "No terminal to ask at: give --hostname and --domain, and --account for another first account than"
                            + " postmaster");
        }
    }

    /** Returns the host's own name, if it is a full one, or else {@code mail} in the first domain, or an empty text. */
    private String proposedHost() {
        String local = localName();
        return isFullName(local) ? local : domains.isEmpty() ? "" : "mail." + domains.get(0);
    }

    private static boolean isFullName(String host) {
        return host.matches("(?i)[^.\\s]+(\\.[^.\\s]+)+")
                && !host.matches("(?i)(.*\\.)?(localhost|localdomain|local)")
                && !host.matches("[0-9.]+");
    }

    private static String localName() {
        try {
            return InetAddress.getLocalHost().getCanonicalHostName().toLowerCase(Locale.ROOT);
        } catch (UnknownHostException e) {
            return "";
        }
    }

    private static String parentOf(String host) {
        int dot = host.indexOf('.');
        return dot > 0 && host.indexOf('.', dot + 1) > 0 ? host.substring(dot + 1) : host;
    }

    private static String password() {
        SecureRandom random = new SecureRandom();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            text.append(i > 0 && i % 5 == 0 ? "-" : "").append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        return text.toString();
    }

    private String configuration(
            String host, List<String> names, Address first, @Nullable String becomes, String more) {
        StringBuilder text = new StringBuilder();
        text.append("# mailserv: all other settings, with their defaults, are in reference.conf.\n");
        text.append("hostname = \"").append(host).append("\"\n");
        text.append("data-dir = \"").append(dataDir.toAbsolutePath()).append("\"\n");
        text.append("users-file = \"")
                .append(dataDir.toAbsolutePath().resolve("users"))
                .append("\"\n");
        text.append("# The user that the server runs as after its ports are bound.\n");
        text.append(becomes == null ? "# user = \"mailserv\"\n" : "user = \"" + becomes + "\"\n");
        text.append("domains {\n");
        for (String name : names) {
            text.append("  \"")
                    .append(name)
                    .append("\" { postmaster = \"")
                    .append(first)
                    .append("\" }\n");
        }
        text.append("}\n");
        return text.append(more).toString();
    }

    private static void write(Path file, String text) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        Files.writeString(file, text);
        if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        }
    }
}
