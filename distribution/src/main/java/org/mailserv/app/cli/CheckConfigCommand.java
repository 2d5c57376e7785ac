package org.mailserv.app.cli;

import com.typesafe.config.Config;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.Json;
import org.mailserv.app.config.ConfigFile;
import org.mailserv.app.config.DataFolder;
import org.mailserv.app.config.EnvironmentSettings;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.server.check.dkim.DkimKeys;
import org.mailserv.server.config.ConfigurationException;
import org.mailserv.server.disk.RealDisk;
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

    @Option(names = "--json", description = JsonLines.HELP)
    private boolean json;

    @Nullable
    private Config settings;

    /**
     * The result.
     *
     * @param file null for the development server
     */
    private record Checked(@Nullable String file, boolean ok, List<String> problems, List<String> warnings) {}

    @Override
    public Integer call() throws ConfigurationException, IOException {
        Path file = parent.configFile();
        List<String> warnings = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        try {
            check(file, problems, warnings);
        } catch (ConfigurationException e) {
            problems.addAll(e.problems());
        }
        if (strict) {
            problems.addAll(warnings);
            warnings.clear();
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            String name = file == null ? null : file.toString();
            out.println(Json.write(new Checked(name, problems.isEmpty(), problems, warnings)));
            out.flush();
            return problems.isEmpty() ? 0 : OneLineErrors.EX_CONFIG;
        }
        PrintWriter err = spec.commandLine().getErr();
        warnings.forEach(warning -> err.println("warning: " + warning));
        err.flush();
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        out.println((file == null ? "development configuration" : file) + ": ok");
        return 0;
    }

    private void check(@Nullable Path file, List<String> problems, List<String> warnings)
            throws ConfigurationException, IOException {
        MailservConfig config = ConfigFile.load(file, parent.options());
        settings = ConfigFile.read(file, parent.options());
        warn(config, warnings);
        StartChecks.Findings findings = StartChecks.run(config, file);
        problems.addAll(findings.problems());
        warnings.addAll(findings.warnings());
        EnvironmentSettings.unknown(System.getenv(), ConfigFile.reference())
                .forEach(name -> warnings.add("environment variable " + name + ": no such setting"));
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
                    + "plaintext-auth-networks: passwords travel in the open from "
                    + String.join(", ", config.plaintextAuthNetworks()));
        }
        if (config.relay().retry().lifetime().compareTo(Duration.ofDays(1)) < 0) {
            warnings.add(where("relay.retry.lifetime")
                    + "relay.retry.lifetime: under a day; a server that is down for a night loses mail");
        }
        modes(config.dataDir(), warnings);
        boolean reachable = config.listeners().stream()
                .anyMatch(listener -> !listener.address().startsWith("127."));
        for (String domain : config.domains().keySet()) {
            if (reachable && !hasKey(config, domain)) {
                warnings.add(where("domains.\"" + domain + "\"") + "domains." + domain
                        + ": no DKIM key, so its mail is not signed; `mailserv dkim keygen " + domain + "` makes one");
            }
        }
        if (reachable && config.hostname().indexOf('.') < 0) {
            warnings.add(where("hostname") + "hostname " + config.hostname()
                    + ": no host name that other servers can look up");
        }
    }

    private static boolean hasKey(MailservConfig config, String domain) {
        try {
            return !new DkimKeys(new DataFolder(config, new RealDisk()).dkim(), InstantSource.system())
                    .signing(domain)
                    .isEmpty();
        } catch (IOException e) {
            // Told as a problem of its own.
            return true;
        }
    }
}
