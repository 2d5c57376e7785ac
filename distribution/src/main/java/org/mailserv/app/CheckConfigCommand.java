package org.mailserv.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.account.LocalAccounts;
import org.mailserv.server.account.UsersFile;
import org.mailserv.server.config.ConfigurationException;
import org.mailserv.server.disk.RealDisk;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code mailserv check-config}. */
@Command(
        name = "check-config",
        description = "Checks the configuration and says what is wrong with it.",
        mixinStandardHelpOptions = true)
final class CheckConfigCommand implements Callable<Integer> {
    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private MailservCommand parent;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() throws ConfigurationException, IOException {
        Path file = parent.configFile();
        MailservConfig config = ConfigFile.load(file);
        List<String> problems = new ArrayList<>();
        checkFolder("data-dir", config.dataDir(), problems);
        checkFolder("domains-dir", config.domainsDir(), problems);
        config.domains().forEach((name, domain) -> checkFolder("path of domain " + name, domain.path(), problems));
        checkAccounts(config, problems);
        PrintWriter out = spec.commandLine().getOut();
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        out.println((file == null ? "development configuration" : file) + ": ok");
        return 0;
    }

    private static void checkFolder(String key, @Nullable Path folder, List<String> problems) {
        if (folder != null && !MailServer.isUsable(folder)) {
            problems.add(key + " " + folder.toAbsolutePath() + ": cannot be written (expected: a folder of this user)");
        }
    }

    private static void checkAccounts(MailservConfig config, List<String> problems) throws IOException {
        Path usersPath = config.usersFile();
        UsersFile usersFile = usersPath == null ? null : new UsersFile(usersPath, new RealDisk());
        if (usersFile != null) {
            problems.addAll(usersFile.read().problems());
        }
        try (LocalAccounts accounts =
                new LocalAccounts(config.domains(), config.primaryDomain(), usersFile, config.tagSeparators(), 1)) {
            problems.addAll(accounts.deadAliases());
        }
    }
}
