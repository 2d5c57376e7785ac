package org.mailserv.app.cli;

import com.typesafe.config.Config;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.config.ConfigFile;
import org.mailserv.app.config.DataFolder;
import org.mailserv.app.config.EnvironmentSettings;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.ServerOptions;
import org.mailserv.app.control.ControlSocket;
import org.mailserv.server.account.AliasesFile;
import org.mailserv.server.account.LocalAccounts;
import org.mailserv.server.account.OwnNames;
import org.mailserv.server.account.UsersFile;
import org.mailserv.server.check.dkim.DkimKeys;
import org.mailserv.server.config.ConfigurationException;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.tls.ServerTls;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code mailserv check-config}. */
@Command(
        name = "check-config",
        description = "Checks the configuration and reports its errors.",
        mixinStandardHelpOptions = true)
public final class CheckConfigCommand implements Callable<Integer> {
    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private MailservCommand parent;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--strict", description = "Treats warnings as errors.")
    private boolean strict;

    @Nullable
    private Config settings;

    @Override
    public Integer call() throws ConfigurationException, IOException {
        Path file = parent.configFile();
        MailservConfig config = ConfigFile.load(file);
        settings = ConfigFile.read(file, new ServerOptions());
        List<String> problems = new ArrayList<>();
        String store = config.store().problem();
        if (store != null) {
            problems.add(store);
        }
        checkFolder("data-dir", config.dataDir(), problems);
        checkFolder("domains-dir", config.domainsDir(), problems);
        config.domains().forEach((name, domain) -> checkFolder("path of domain " + name, domain.path(), problems));
        List<String> warnings = new ArrayList<>();
        checkAccounts(config, problems, warnings);
        checkCertificates(config, problems);
        if (!ControlSocket.isThere(config.dataDir())) {
            config.listeners().forEach(listener -> checkPort(listener, problems));
        }
        PrintWriter out = spec.commandLine().getOut();
        warn(config, warnings);
        EnvironmentSettings.unknown(System.getenv(), ConfigFile.reference())
                .forEach(name -> warnings.add("environment variable " + name + ": no such setting"));
        if (strict) {
            problems.addAll(warnings);
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        PrintWriter err = spec.commandLine().getErr();
        warnings.forEach(warning -> err.println("warning: " + warning));
        err.flush();
        out.println((file == null ? "development configuration" : file) + ": ok");
        return 0;
    }

    private static void checkFolder(String key, @Nullable Path folder, List<String> problems) {
        if (folder != null && !DataFolder.isUsable(folder)) {
            problems.add(key + " " + folder.toAbsolutePath() + ": cannot be written (expected: a folder of this user)");
        }
    }

    private static void checkAccounts(MailservConfig config, List<String> problems, List<String> warnings)
            throws IOException {
        UsersFile usersFile = new UsersFile(config.usersFilePath(), new RealDisk());
        UsersFile.Content content = usersFile.read();
        problems.addAll(content.problems());
        warnings.addAll(content.notices());
        try (LocalAccounts accounts = new LocalAccounts(
                config.domains(),
                config.primaryDomain(),
                OwnNames.ofThisMachine(config.hostname()),
                usersFile,
                new AliasesFile(config.aliasesFilePath(), new RealDisk()),
                config.tagSeparators(),
                1)) {
            problems.addAll(accounts.deadAliases());
        }
    }

    /** The server does not run: whatever has the port would keep it from starting. */
    private static void checkPort(MailservConfig.ListenerConfig listener, List<String> problems) {
        int port = listener.effectivePort();
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(
                    listener.address().equals("*")
                            ? new InetSocketAddress(port)
                            : new InetSocketAddress(listener.address(), port));
        } catch (IOException e) {
            // Ports below 1024 are the service manager's to give.
            if (String.valueOf(e.getMessage()).contains("in use")) {
                problems.add(
                        "listeners: " + listener.address() + ":" + port + ": port in use (`ss -ltnp` says by whom)");
            } else if (String.valueOf(e.getMessage()).contains("assign requested")) {
                problems.add("listeners: " + listener.address() + ":" + port + ": no address of this machine");
            }
        }
    }

    private static void checkCertificates(MailservConfig config, List<String> problems) {
        try {
            List<ServerTls.CertificateView> all = ServerTls.check(config.tls());
            boolean named = all.stream()
                    .anyMatch(view -> view.names().stream().anyMatch(name -> covers(name, config.hostname())));
            if (!all.isEmpty() && !named) {
                problems.add("tls.certificates: none is for " + config.hostname() + " (hostname), but for "
                        + all.stream()
                                .flatMap(view -> view.names().stream())
                                .distinct()
                                .toList());
            }
            for (ServerTls.CertificateView view : ServerTls.check(config.tls())) {
                if (view.notAfter().isBefore(Instant.now())) {
                    problems.add(view.file() + ": expired at " + view.notAfter());
                }
            }
        } catch (IOException e) {
            problems.add("tls.certificates: " + e.getMessage());
        }
    }

    private static boolean covers(String name, String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        int dot = lower.indexOf('.');
        return name.equals(lower)
                || name.startsWith("*.") && dot > 0 && lower.substring(dot).equals(name.substring(1));
    }

    private String where(String key) {
        Config all = settings;
        return all == null ? "" : ConfigFile.where(all, key);
    }

    private void modes(Path folder, List<String> warnings) throws IOException {
        if (Files.isDirectory(folder)
                && folder.getFileSystem().supportedFileAttributeViews().contains("posix")
                && Files.getPosixFilePermissions(folder).stream()
                        .anyMatch(permission -> permission.name().startsWith("OTHERS"))) {
            warnings.add(where("data-dir") + "data-dir " + folder
                    + ": other users may look into it (`chmod 700` ends that)");
        }
    }

    /** Prints warnings about settings that work but are risky. */
    private void warn(MailservConfig config, List<String> warnings) throws IOException {
        for (String network : config.relayNetworks()) {
            int slash = network.indexOf('/');
            int bits = slash < 0 ? 128 : Integer.parseInt(network.substring(slash + 1));
            if (bits < 16 && !network.startsWith("127.") && !network.startsWith("10.")) {
                warnings.add(where("relay-networks") + "relay-networks " + network
                        + ": wider than /16; whoever is in it can send to anybody");
            }
        }
        if (!config.plaintextAuthNetworks().isEmpty()) {
            warnings.add(where("plaintext-auth-networks")
                    + "plaintext-auth-networks: passwords travel in the open from " + config.plaintextAuthNetworks());
        }
        if (config.relay().retry().lifetime().compareTo(Duration.ofDays(1)) < 0) {
            warnings.add(where("relay.retry.lifetime")
                    + "relay.retry.lifetime: under a day; a server that is down for a night loses mail");
        }
        modes(config.dataDir(), warnings);
        boolean reachable = config.listeners().stream()
                .anyMatch(listener -> !listener.address().startsWith("127."));
        DkimKeys keys = new DkimKeys(new DataFolder(config, new RealDisk()).dkim(), InstantSource.system());
        for (String domain : config.domains().keySet()) {
            if (reachable && keys.signing(domain.toLowerCase(Locale.ROOT)).isEmpty()) {
                warnings.add(where("domains.\"" + domain + "\"") + "domains." + domain
                        + ": no DKIM key, so its mail is not signed; `mailserv dkim keygen " + domain + "` makes one");
            }
        }
        if (reachable && config.hostname().indexOf('.') < 0) {
            warnings.add(where("hostname") + "hostname " + config.hostname()
                    + ": no host name that other servers can look up");
        }
    }
}
