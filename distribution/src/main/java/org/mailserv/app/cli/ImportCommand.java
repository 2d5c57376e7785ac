package org.mailserv.app.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.Json;
import org.mailserv.app.config.ConfigFile;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.OwnerOfData;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.transfer.AliasSource;
import org.mailserv.app.transfer.UserSource;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.server.account.AliasesFile;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.account.UsersFile;
import org.mailserv.server.config.ConfigurationException;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.PathAccess;
import org.mailserv.server.disk.RealDisk;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code mailserv import}: users and aliases of another server. A running server sees them within a second. */
@Command(
        name = "import",
        description = "Imports users, aliases and mail of another server. `mailbox import` reads mail from files.",
        mixinStandardHelpOptions = true,
        subcommands = ImportImapCommand.class)
public final class ImportCommand implements Callable<Integer> {
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
            name = "users",
            description = {
                "Adds the users of a passwd-file of Dovecot, or of docker-mailserver's postfix-accounts.cf, with"
                        + " hashes and quotas.",
                "Run it again to add newer users. Exit code 1 if a line could not be imported."
            },
            mixinStandardHelpOptions = true)
    int users(
            @Parameters(paramLabel = "FILE", description = "The file of the other server.") Path source,
            @Option(names = "--domain", paramLabel = "DOMAIN", description = "Domain of users without one.") @Nullable
                    String domain,
            @Option(names = "--quotas", paramLabel = "FILE", description = "dovecot-quotas.cf of docker-mailserver.")
                    @Nullable
                    Path quotas,
            @Option(names = "--update", description = "Replaces users that are there already, passwords included.")
                    boolean update,
            @Option(names = "--json", description = JsonLines.HELP) boolean json)
            throws ConfigurationException, StartupException, IOException {
        MailservConfig config = config();
        UserSource read = UserSource.read(readable(source), domain);
        if (quotas != null) {
            read.addQuotas(readable(quotas));
        }
        requireSome(read.users().size() + read.problems().size(), source, "users");
        UsersFile file = new UsersFile(config.usersFilePath(), become(config));
        List<String> problems = new ArrayList<>(read.problems());
        Set<MailboxName> kept = update ? Set.of() : file.read().users().keySet();
        Map<MailboxName, String> added = new LinkedHashMap<>();
        read.users().forEach((name, user) -> {
            if (!isLocal(config, name.domain())) {
                problems.add(source + ": " + name + ": " + notLocal(name.domain()));
            } else if (!kept.contains(name)) {
                added.put(name, user.hash() + "::::::" + user.extra());
            }
        });
        int present = read.users().size() + read.problems().size() - problems.size() - added.size();
        file.putAll(added);
        return tell(new Imported(added.size(), present, problems), "user", json);
    }

    @Command(
            name = "aliases",
            description = {
                "Adds the aliases of /etc/aliases, or of a virtual alias map of Postfix.",
                "Regular expressions, programs and files are refused with their line. Exit code 1 if a line could not"
                        + " be imported."
            },
            mixinStandardHelpOptions = true)
    int aliases(
            @Parameters(paramLabel = "FILE", description = "The file of the other server.") Path source,
            @Option(
                            names = "--domain",
                            paramLabel = "DOMAIN",
                            description = "Domain of names without one. Default: the primary domain.")
                    @Nullable
                    String domain,
            @Option(names = "--json", description = JsonLines.HELP) boolean json)
            throws ConfigurationException, StartupException, IOException {
        MailservConfig config = config();
        AliasSource read = AliasSource.read(readable(source), domain != null ? domain : primary(config));
        requireSome(read.aliases().size() + read.problems().size(), source, "aliases");
        AliasesFile file = new AliasesFile(config.aliasesFilePath(), become(config));
        List<String> problems = new ArrayList<>(read.problems());
        Map<String, List<String>> added =
                added(config, source, read.aliases(), file.read().aliases(), problems);
        int present = read.aliases().size() + read.problems().size() - problems.size() - added.size();
        if (!added.isEmpty()) {
            file.addAll(added);
        }
        return tell(new Imported(added.size(), present, problems), "alias", json);
    }

    private static Map<String, List<String>> added(
            MailservConfig config,
            Path source,
            Map<String, List<String>> read,
            Map<String, List<String>> there,
            List<String> problems) {
        Map<String, List<String>> added = new LinkedHashMap<>();
        read.forEach((key, targets) -> {
            String domain = key.substring(key.lastIndexOf('@') + 1);
            List<String> before = there.get(key);
            if (!isLocal(config, domain)) {
                problems.add(source + ": " + key + ": " + notLocal(domain));
            } else if (before == null) {
                added.put(key, targets);
            } else if (!before.equals(targets)) {
                problems.add(source + ": " + key + " leads to " + String.join(", ", before) + " here, not to "
                        + String.join(", ", targets) + " (`mailserv alias add` and `remove` change it)");
            }
        });
        return added;
    }

    private static String notLocal(String domain) {
        return domain + " is no local domain (add it to domains in the configuration first)";
    }

    /**
     * The result of an import.
     *
     * @param present entries that were there already
     * @param problems one line for each entry that was not imported
     */
    private record Imported(int imported, int present, List<String> problems) {
        String text(String what) {
            return "Imported " + imported + " " + what + (imported == 1 ? "" : what.endsWith("s") ? "es" : "s")
                    + (present > 0 ? ", " + present + " there already" : "")
                    + (problems.isEmpty() ? "" : ", " + problems.size() + " not imported");
        }
    }

    private int tell(Imported result, String what, boolean json) {
        PrintWriter err = spec.commandLine().getErr();
        result.problems().forEach(line -> err.println("not imported: " + line));
        err.flush();
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? Json.write(result) : result.text(what));
        out.flush();
        return result.problems().isEmpty() ? 0 : 1;
    }

    /** Returns the configuration file, or null for the development server. */
    @Nullable
    Path configFile() {
        return parent.configFile();
    }

    private MailservConfig config() throws ConfigurationException {
        return ConfigFile.load(parent.configFile());
    }

    /** The source is read by now, perhaps as root. A file of root's own could not be read by the server. */
    private static Disk become(MailservConfig config) throws StartupException {
        OwnerOfData.become(config.dataDir());
        return new RealDisk();
    }

    private static Path readable(Path file) throws StartupException {
        String problem = Files.isReadable(file) && Files.isRegularFile(file) ? null : PathAccess.readProblem(file);
        if (problem != null) {
            throw new StartupException(problem);
        }
        return file;
    }

    private static void requireSome(int count, Path source, String what) throws StartupException {
        if (count == 0) {
            throw new StartupException(source + ": no " + what + " in it");
        }
    }

    private static boolean isLocal(MailservConfig config, String domain) {
        return config.domains().keySet().stream().anyMatch(own -> DomainNames.same(own, domain));
    }

    private String primary(MailservConfig config) {
        String primary = config.primaryDomain();
        if (primary != null) {
            return primary;
        } else if (config.domains().size() == 1) {
            return config.domains().keySet().iterator().next();
        }
        throw new CommandLine.ParameterException(
                spec.commandLine(), "which domain do names without one belong to? (--domain DOMAIN)");
    }
}
