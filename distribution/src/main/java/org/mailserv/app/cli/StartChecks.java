package org.mailserv.app.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.config.DataFolder;
import org.mailserv.app.config.FirstAccount;
import org.mailserv.app.config.HttpSettings;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.ServerUser;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.control.ControlClient;
import org.mailserv.server.account.AliasesFile;
import org.mailserv.server.account.LocalAccounts;
import org.mailserv.server.account.OwnNames;
import org.mailserv.server.account.UsersFile;
import org.mailserv.server.check.dkim.DkimKeys;
import org.mailserv.server.disk.PathAccess;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.text.Failures;
import org.mailserv.server.tls.CertificateFitness;
import org.mailserv.server.tls.ServerTls;
import org.mailserv.server.tls.TlsConfig;

/**
 * Everything that the start of the server checks, done before it: ports as the user that starts it, files as the user that it runs as. Root
 * becomes that user for good, so these checks are the last thing that a process does.
 */
final class StartChecks {
    /** Folders of the data folder that are looked at; more would take long, and one wrong one is enough. */
    private static final int MAX_FOLDERS = 50_000;

    private static final int MAX_SHOWN = 5;

    private final MailservConfig config;
    private final List<String> problems = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    private StartChecks(MailservConfig config) {
        this.config = config;
    }

    /** The findings: problems keep the server from starting or working, warnings do not. */
    record Findings(List<String> problems, List<String> warnings) {}

    /** @param file the configuration file, or null */
    static Findings run(MailservConfig config, @Nullable Path file) {
        StartChecks checks = new StartChecks(config);
        String store = config.store().problem();
        if (store != null) {
            checks.problems.add(store);
        }
        List<Endpoint> endpoints = endpoints(config);
        checks.collisions(endpoints);
        if (!new ControlClient(config.dataDir()).isServerRunning()) {
            endpoints.forEach(checks::port);
        }
        boolean creatable = ServerUser.isDataFolderCreatable(config);
        ServerUser.assume(config, checks.problems);
        // The environment may replace a file that does not exist.
        if (file != null && Files.exists(file) && !Files.isReadable(file)) {
            checks.warnings.add(PathAccess.readProblem(file) + ": `mailserv reload` would fail");
        }
        checks.folders(creatable);
        checks.accounts();
        checks.certificates();
        checks.keys();
        return new Findings(checks.problems, checks.warnings);
    }

    /** An address and port that the server listens on. */
    private record Endpoint(String key, String address, int port) {
        boolean collidesWith(Endpoint other) {
            return port > 0
                    && port == other.port
                    && (address.equals(other.address) || address.equals("*") || other.address.equals("*"));
        }

        @Override
        public String toString() {
            return key + ": " + address + ":" + port + ": ";
        }
    }

    private static List<Endpoint> endpoints(MailservConfig config) {
        List<Endpoint> all = new ArrayList<>();
        config.listeners().forEach(each -> all.add(new Endpoint("listeners", each.address(), each.effectivePort())));
        HttpSettings http = config.http();
        if (http.enabled()) {
            all.add(new Endpoint("http", http.address(), http.port()));
        }
        if (http.hasTls()) {
            all.add(new Endpoint("http.tls", http.tls().address(), http.tls().port()));
        }
        return all;
    }

    private void collisions(List<Endpoint> endpoints) {
        for (int i = 1; i < endpoints.size(); i++) {
            Endpoint one = endpoints.get(i);
            endpoints.subList(0, i).stream()
                    .filter(one::collidesWith)
                    .findFirst()
                    .ifPresent(other -> problems.add(
                            one + "another of " + other.key() + " has this port (expected: a port for each)"));
        }
    }

    /** The server does not run: whatever has the port would keep it from starting. */
    private void port(Endpoint endpoint) {
        String where = endpoint.toString();
        String address = endpoint.address();
        int port = endpoint.port();
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(address.equals("*") ? new InetSocketAddress(port) : new InetSocketAddress(address, port));
        } catch (IOException e) {
            String reason = Failures.text(e);
            if (reason.contains("in use")) {
                problems.add(where + "port in use (`ss -ltnp` says by whom)");
            } else if (reason.contains("assign requested")) {
                problems.add(where + "no address of this machine");
            } else if (reason.toLowerCase(Locale.ROOT).contains("permission denied")) {
                // The service manager may give it the right.
                warnings.add(
                        where + "this user may not open ports below 1024 (expected: root starts it, with `user` set, or"
                                + " it has CAP_NET_BIND_SERVICE, as the packaged service has)");
            } else {
                problems.add(where + reason);
            }
        }
    }

    private void folders(boolean creatable) {
        if (!creatable) {
            folder("data-dir", config.dataDir());
            folder("domains-dir", config.domainsDir());
            config.domains().forEach((name, domain) -> folder("path of domain " + name, domain.path()));
            folder("pickup.folder", config.pickup().folder());
            closed(config.dataDir().toAbsolutePath());
        }
        Path log = config.log().file();
        if (log != null) {
            Path absolute = log.toAbsolutePath();
            if (Files.exists(absolute) && !Files.isWritable(absolute)) {
                problems.add("log.file " + absolute + ": permission denied, the server's user may not write it");
            } else if (absolute.getParent() != null) {
                folder("log.file", absolute.getParent());
            }
        }
        String format = new DataFolder(config, new RealDisk()).formatProblem();
        if (format != null) {
            problems.add(format);
        }
    }

    private void folder(String key, @Nullable Path folder) {
        String problem = folder == null ? null : PathAccess.folderProblem(folder.toAbsolutePath());
        if (problem != null) {
            problems.add(key + " " + problem);
        }
    }

    /** Finds folders and files of another user, such as a command of root may have left in the data folder. */
    private void closed(Path data) {
        List<Path> found = new ArrayList<>();
        try {
            if (Files.isDirectory(data) && Files.isReadable(data)) {
                Files.walkFileTree(data, new ClosedFolders(found));
            }
        } catch (IOException e) {
            problems.add("data-dir " + Failures.text(e));
        }
        found.stream()
                .limit(MAX_SHOWN)
                .forEach(path -> problems.add("data-dir " + path
                        + ": the server's user cannot write it (`chown -R` to the owner of the data folder helps)"));
        if (found.size() > MAX_SHOWN) {
            problems.add("data-dir " + data + ": " + (found.size() - MAX_SHOWN) + " more that cannot be written");
        }
    }

    /** Looks at folders, and at the files of the data folder itself. Messages are looked at by nobody: there may be millions. */
    private static final class ClosedFolders extends SimpleFileVisitor<Path> {
        private final List<Path> found;
        private int folders;

        ClosedFolders(List<Path> found) {
            this.found = found;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            if (!Files.isWritable(folder) || !Files.isExecutable(folder)) {
                found.add(folder);
                return FileVisitResult.SKIP_SUBTREE;
            }
            if (++folders > MAX_FOLDERS) {
                return FileVisitResult.TERMINATE;
            }
            String name = String.valueOf(folder.getFileName());
            return name.equals("cur") || name.equals("new") || name.equals("tmp")
                    ? FileVisitResult.SKIP_SUBTREE
                    : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (attributes.isRegularFile() && !Files.isReadable(file)) {
                found.add(file);
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException failure) {
            found.add(file);
            return FileVisitResult.CONTINUE;
        }
    }

    private void accounts() {
        for (Path file : List.of(config.usersFilePath(), config.aliasesFilePath())) {
            if (Files.exists(file) && !Files.isReadable(file)) {
                problems.add(PathAccess.readProblem(file));
                return;
            }
        }
        try {
            FirstAccount.check(config);
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
        } catch (StartupException | IOException e) {
            problems.add(Failures.text(e));
        }
    }

    private void certificates() {
        List<ServerTls.CertificateView> all = new ArrayList<>();
        for (TlsConfig.CertificateConfig pair : config.tls().certificates()) {
            try {
                ServerTls.CertificateView view = ServerTls.check(config.tls(), pair);
                all.add(view);
                String time = CertificateFitness.timeProblem(view.certificate(), Instant.now());
                if (time != null) {
                    problems.add("tls.certificates: " + view.file() + ": " + time);
                }
            } catch (IOException e) {
                problems.add("tls.certificates: " + Failures.text(e));
            }
        }
        boolean complete =
                !all.isEmpty() && all.size() == config.tls().certificates().size();
        if (complete && all.stream().noneMatch(view -> CertificateFitness.covers(view.names(), config.hostname()))) {
            problems.add("tls.certificates: none is for " + config.hostname() + " (hostname), but for "
                    + String.join(
                            ", ",
                            all.stream()
                                    .flatMap(view -> view.names().stream())
                                    .distinct()
                                    .toList()));
        }
    }

    private void keys() {
        try {
            new DkimKeys(new DataFolder(config, new RealDisk()).dkim(), InstantSource.system());
        } catch (IOException e) {
            problems.add("DKIM keys: " + Failures.text(e));
        }
    }
}
