package org.mailserv.app.cli;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.AliasChange;
import org.mailserv.app.api.AliasInfo;
import org.mailserv.app.api.AliasRemoval;
import org.mailserv.app.api.AliasesQuery;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.Json;
import org.mailserv.app.config.StartupException;
import org.mailserv.server.config.ConfigurationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code mailserv alias}: the aliases file; a running server sees the change at once. */
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
            throws ConfigurationException, StartupException, ApiException, IOException {
        AliasInfo made = service().ask(Calls.ADD_ALIAS, new AliasChange(alias, targets));
        out().println(line(made));
        made.problems().forEach(problem -> err().println("warning: " + problem));
        return 0;
    }

    @Command(
            name = "remove",
            description = "Removes an alias, or some of its targets.",
            mixinStandardHelpOptions = true)
    int remove(
            @Parameters(paramLabel = "ALIAS@DOMAIN") String alias,
            @Parameters(paramLabel = "TARGET", arity = "0..*") @Nullable List<String> targets)
            throws ConfigurationException, StartupException, ApiException, IOException {
        List<String> some = targets == null ? List.of() : targets;
        service().ask(Calls.REMOVE_ALIAS, new AliasRemoval(alias, some));
        out().println("Removed " + (some.isEmpty() ? alias : String.join(", ", some) + " from " + alias));
        return 0;
    }

    @Command(
            name = "list",
            description = "Lists all aliases. What leads nowhere is reported on standard error.",
            mixinStandardHelpOptions = true)
    int list(
            @Parameters(paramLabel = "DOMAIN", arity = "0..1", description = "Default: all domains.") @Nullable
                    String domain,
            @Option(names = "--json", description = JsonLines.HELP) boolean json)
            throws ConfigurationException, StartupException, ApiException, IOException {
        List<AliasInfo> all = service().ask(Calls.ALIASES, new AliasesQuery(domain));
        if (json) {
            all.forEach(alias -> out().println(Json.write(alias)));
        } else {
            all.forEach(alias -> out().println(line(alias)));
            out().flush();
            all.forEach(alias -> alias.problems().forEach(problem -> err().println("warning: " + problem)));
        }
        return 0;
    }

    private static String line(AliasInfo alias) {
        return alias.alias() + ": " + String.join(", ", alias.targets());
    }

    private AccountService service() throws ConfigurationException {
        return new AccountService(parent.configFile(), spec);
    }
}
