package org.mailserv.app.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.OwnerOfData;
import org.mailserv.app.config.StartupException;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.codec.address.PathParser;
import org.mailserv.server.account.AliasesFile;
import org.mailserv.server.account.LocalAccounts;
import org.mailserv.server.account.OwnNames;
import org.mailserv.server.account.UsersFile;
import org.mailserv.server.config.ConfigurationException;
import org.mailserv.server.disk.RealDisk;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code mailserv alias}: the aliases file; a running server sees the change within a second. */
@Command(
        name = "alias",
        description = "Adds, lists and removes aliases; @DOMAIN is a catch-all.",
        mixinStandardHelpOptions = true)
public final class AliasCommand extends CommandGroup {
    @Command(
            name = "add",
            description = "Adds targets to an alias, which is created if it does not exist.",
            mixinStandardHelpOptions = true)
    int add(
            @Parameters(paramLabel = "ALIAS@DOMAIN") String alias,
            @Parameters(
                            paramLabel = "TARGET",
                            arity = "1..*",
                            description = "An address, or a name in the same domain.")
                    List<String> targets)
            throws ConfigurationException, StartupException, IOException {
        MailservConfig config = config();
        String key = key(config, alias);
        AliasesFile file = file(config);
        Set<String> all = new LinkedHashSet<>(file.read().aliases().getOrDefault(key, List.of()));
        if (all.isEmpty() && configured(config).containsKey(key)) {
            throw usage(key + " is in the configuration, which comes first: change it there");
        }
        String domain = key.substring(key.lastIndexOf('@') + 1);
        for (String target : targets) {
            Address address = PathParser.parseAddress(target.indexOf('@') < 0 ? target + "@" + domain : target);
            if (address == null || address.domain().isEmpty() || target.indexOf(',') >= 0) {
                throw usage(target + " is no address (expected: user@domain, or user)");
            }
            all.add(target);
        }
        file.put(key, List.copyOf(all));
        out().println(key + ": " + String.join(", ", all));
        warnings(config, key).forEach(warning -> err().println("warning: " + warning));
        return 0;
    }

    @Command(
            name = "remove",
            description = "Removes an alias, or some of its targets.",
            mixinStandardHelpOptions = true)
    int remove(
            @Parameters(paramLabel = "ALIAS@DOMAIN") String alias,
            @Parameters(paramLabel = "TARGET", arity = "0..*") List<String> targets)
            throws ConfigurationException, StartupException, IOException {
        MailservConfig config = config();
        String key = key(config, alias);
        AliasesFile file = file(config);
        List<String> left = new ArrayList<>(file.read().aliases().getOrDefault(key, List.of()));
        if (left.isEmpty()) {
            throw usage(key + " is not in " + file.path());
        }
        for (String target : targets == null ? List.<String>of() : targets) {
            if (!left.removeIf(target::equalsIgnoreCase)) {
                throw usage(key + " does not lead to " + target);
            }
        }
        file.put(key, targets == null || targets.isEmpty() ? List.of() : left);
        out().println("Removed "
                + (targets == null || targets.isEmpty() ? key : String.join(", ", targets) + " from " + key));
        return 0;
    }

    @Command(name = "list", description = "Lists all aliases.", mixinStandardHelpOptions = true)
    int list() throws ConfigurationException, StartupException, IOException {
        try (LocalAccounts accounts = accounts(config())) {
            accounts.aliases().forEach((alias, targets) -> out().println(alias + ": " + String.join(", ", targets)));
        }
        return 0;
    }

    private static List<String> warnings(MailservConfig config, String key) throws IOException {
        try (LocalAccounts accounts = accounts(config)) {
            return accounts.deadAliases().stream()
                    .filter(warning -> warning.startsWith("alias " + key + " "))
                    .toList();
        }
    }

    private static Map<String, List<String>> configured(MailservConfig config) throws IOException {
        try (LocalAccounts accounts =
                new LocalAccounts(config.domains(), config.primaryDomain(), null, null, config.tagSeparators(), 1)) {
            return accounts.aliases();
        }
    }

    private static LocalAccounts accounts(MailservConfig config) throws IOException {
        return new LocalAccounts(
                config.domains(),
                config.primaryDomain(),
                OwnNames.ofThisMachine(config.hostname()),
                new UsersFile(config.usersFilePath(), new RealDisk()),
                new AliasesFile(config.aliasesFilePath(), new RealDisk()),
                config.tagSeparators(),
                1);
    }

    private static AliasesFile file(MailservConfig config) throws StartupException {
        // A file of root's own could not be read by the server.
        OwnerOfData.become(config.dataDir());
        return new AliasesFile(config.aliasesFilePath(), new RealDisk());
    }

    private String key(MailservConfig config, String alias) {
        String key = AliasesFile.key(alias);
        if (key == null) {
            throw usage(alias + " is no alias (expected: name@domain, or @domain)");
        }
        String domain = key.substring(key.lastIndexOf('@') + 1);
        if (config.domains().keySet().stream().noneMatch(own -> DomainNames.same(own, domain))) {
            throw usage(domain + " is no local domain: add it to domains in the configuration first");
        }
        return key;
    }
}
