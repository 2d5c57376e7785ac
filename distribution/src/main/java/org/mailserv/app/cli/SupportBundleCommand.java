package org.mailserv.app.cli;

import com.typesafe.config.ConfigException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.Version;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Call;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.Json;
import org.mailserv.app.api.ListenerInfo;
import org.mailserv.app.api.Nothing;
import org.mailserv.app.api.QueueMessage;
import org.mailserv.app.api.QueueQuery;
import org.mailserv.app.api.SessionInfo;
import org.mailserv.app.config.ConfigFile;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.ServerOptions;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.control.ControlClient;
import org.mailserv.app.control.QueueReport;
import org.mailserv.server.config.ConfigurationException;
import org.mailserv.server.text.Failures;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code mailserv support-bundle}: what somebody needs who helps, without secrets, addresses and mail. */
@Command(
        name = "support-bundle",
        description =
                "Writes a zip file for support: version, configuration, queue, log and folders, without secrets and"
                        + " addresses.",
        mixinStandardHelpOptions = true)
public final class SupportBundleCommand implements Callable<Integer> {
    private static final int LOG_LINES = 5000;
    private static final int MOST_FILES = 100_000;
    /** Names of the files and folders that the server creates in its data folder, except mailboxes. */
    private static final Set<String> OWN = Set.of(
            "",
            "aliases",
            "dkim",
            "format",
            "greylist",
            "history",
            "lock",
            "mta-sts",
            "order-key",
            "reports",
            "sending",
            "spool",
            "srs-secret",
            "tls",
            "users");

    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private MailservCommand parent;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(
            paramLabel = "FILE",
            defaultValue = "mailserv-support.zip",
            arity = "0..1",
            description = "The file to write. Default: ${DEFAULT-VALUE}.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path target;

    private final BundleMask mask = new BundleMask();

    @Option(names = "--json", description = JsonLines.HELP)
    private boolean json;

    /** The file that was written. */
    private record Written(String file) {}

    @Override
    public Integer call() throws Exception {
        Path file = parent.configFile();
        MailservConfig config = ConfigFile.load(file);
        Files.deleteIfExists(target);
        boolean posix = target.getFileSystem().supportedFileAttributeViews().contains("posix");
        if (posix) {
            Files.createFile(
                    target, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        try (OutputStream out = Files.newOutputStream(target, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            // First, because what is hidden in it is hidden in the others too.
            add(zip, "config.txt", settings(file));
            add(zip, "system.txt", system(config));
            add(zip, "queue.txt", ask(config, Calls.QUEUE, QueueQuery.all(0), SupportBundleCommand::queue));
            add(zip, "sessions.txt", ask(config, Calls.SESSIONS, Nothing.NOTHING, SupportBundleCommand::sessions));
            add(zip, "listeners.txt", ask(config, Calls.LISTENERS, Nothing.NOTHING, SupportBundleCommand::listeners));
            add(zip, "folders.txt", folders(config.dataDir()));
            add(zip, "log.txt", log(config));
        }
        spec.commandLine()
                .getOut()
                .println(
                        json
                                ? Json.write(new Written(target.toAbsolutePath().toString()))
                                : "Wrote " + target + "; look through it before you give it away");
        spec.commandLine().getOut().flush();
        return 0;
    }

    private void add(ZipOutputStream zip, String name, String text) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(mask.mask(text).getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
    }

    private static String system(MailservConfig config) throws IOException {
        StringBuilder text = new StringBuilder();
        text.append(Version.text()).append('\n');
        for (String key : List.of("java.version", "java.vm.name", "os.name", "os.version", "os.arch")) {
            text.append(key).append(": ").append(System.getProperty(key)).append('\n');
        }
        Runtime runtime = Runtime.getRuntime();
        text.append("processors: ").append(runtime.availableProcessors()).append('\n');
        text.append("server runs: ")
                .append(new ControlClient(config.dataDir()).isServerRunning())
                .append('\n');
        Path data = config.dataDir().toAbsolutePath();
        if (Files.isDirectory(data)) {
            text.append("disk of data-dir: ").append(fileSystem(data)).append(", free ");
            text.append(data.toFile().getUsableSpace() >> 20)
                    .append(" of ")
                    .append(data.toFile().getTotalSpace() >> 20)
                    .append(" MiB\n");
        }
        return text.toString();
    }

    private static String fileSystem(Path data) {
        try {
            return Files.getFileStore(data).type();
        } catch (IOException e) {
            // Java finds no file store in a root folder that is no mount point (chroot).
            return "unknown file system";
        }
    }

    /** All settings as they hold; what may be a secret is hidden. */
    private String settings(@Nullable Path file) throws ConfigurationException {
        try {
            return mask.settings(ConfigFile.read(file, new ServerOptions()));
        } catch (ConfigException e) {
            return "cannot be read: " + Failures.text(e);
        }
    }

    private static List<String> queue(List<QueueMessage> all) {
        return QueueReport.of(all, false, false, List.of()).lines();
    }

    private static List<String> sessions(List<SessionInfo> all) {
        return all.stream().map(AdminCommands.Sessions::line).toList();
    }

    private static List<String> listeners(List<ListenerInfo> all) {
        return all.stream().map(Json::write).toList();
    }

    /** Returns the lines of an answer of the running server, or the reason why there is none. */
    private static <Q extends Record, A> String ask(
            MailservConfig config, Call<Q, A> call, Q request, Function<A, List<String>> lines) {
        try {
            return String.join("\n", lines.apply(new ControlClient(config.dataDir()).ask(call, request))) + "\n";
        } catch (StartupException | ApiException e) {
            return Failures.text(e);
        }
    }

    /** Lists names and sizes of what is the server's own: no mailboxes, no pickup files, nothing that others have put there. */
    private static String folders(Path dataDir) throws IOException {
        Path data = dataDir.toAbsolutePath();
        if (!Files.isDirectory(data)) {
            return "no " + data + "\n";
        }
        List<String> lines = new ArrayList<>();
        try (Stream<Path> all = Files.walk(data, 3)) {
            for (Path path : all.limit(MOST_FILES).toList()) {
                Path relative = data.relativize(path);
                boolean pickup = relative.startsWith("spool/pickup") && Files.isRegularFile(path);
                if (!pickup && OWN.contains(String.valueOf(relative.getName(0)))) {
                    lines.add(String.format(
                            Locale.ROOT,
                            "%s %10d %s",
                            Files.isDirectory(path) ? "d" : "-",
                            Files.isRegularFile(path) ? Files.size(path) : 0,
                            relative));
                }
            }
        }
        return String.join("\n", lines) + "\n";
    }

    private static String log(MailservConfig config) throws IOException {
        Path file = config.log().file();
        if (file == null || !Files.isReadable(file)) {
            return "no log file: it goes to the console (journalctl -u mailserv, docker logs)\n";
        }
        Deque<String> last = new ArrayDeque<>();
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                last.add(line);
                if (last.size() > LOG_LINES) {
                    last.poll();
                }
            }
        }
        return String.join("\n", last) + "\n";
    }
}
