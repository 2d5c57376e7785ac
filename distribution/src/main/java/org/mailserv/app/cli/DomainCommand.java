package org.mailserv.app.cli;

import java.io.IOException;
import java.util.List;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.DnsRecordInfo;
import org.mailserv.app.api.DomainInfo;
import org.mailserv.app.api.DomainQuery;
import org.mailserv.app.api.Json;
import org.mailserv.app.api.NewDomain;
import org.mailserv.app.api.Nothing;
import org.mailserv.app.api.SettingSource;
import org.mailserv.app.config.StartupException;
import org.mailserv.server.config.ConfigurationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code mailserv domain}: local domains beside those of the configuration; a running server takes a new one at once. */
@Command(
        name = "domain",
        description = "Adds, lists, shows and removes local domains.",
        mixinStandardHelpOptions = true)
public final class DomainCommand extends CommandGroup {
    @Command(
            name = "add",
            description = "Adds a domain, makes its DKIM keys, and prints the DNS records to publish.",
            mixinStandardHelpOptions = true)
    int add(
            @Parameters(paramLabel = "DOMAIN") String domain,
            @Option(names = "--json", description = "Prints JSON.") boolean json)
            throws ConfigurationException, StartupException, ApiException, IOException {
        DomainInfo made = service().ask(Calls.ADD_DOMAIN, new NewDomain(domain));
        if (json) {
            out().println(Json.write(made));
        } else {
            out().println("Added " + made.domain() + ". Publish these records:");
            made.records().forEach(record -> out().println(record.zoneLine()));
        }
        return 0;
    }

    @Command(
            name = "remove",
            description = "Removes a domain that was added by `domain add`. Mail and DKIM keys stay on the disk.",
            mixinStandardHelpOptions = true)
    int remove(@Parameters(paramLabel = "DOMAIN") String domain)
            throws ConfigurationException, StartupException, ApiException, IOException {
        service().ask(Calls.REMOVE_DOMAIN, new DomainQuery(domain, null));
        out().println("Removed " + domain);
        return 0;
    }

    @Command(name = "list", description = "Lists all local domains.", mixinStandardHelpOptions = true)
    int list(@Option(names = "--json", description = "Prints JSON.") boolean json)
            throws ConfigurationException, StartupException, ApiException, IOException {
        List<DomainInfo> all = service().ask(Calls.DOMAINS, Nothing.NOTHING);
        all.forEach(domain -> out().println(json ? Json.write(domain) : line(domain)));
        return 0;
    }

    @Command(
            name = "show",
            description = "Shows a domain and the DNS records to publish. With --check, the exit code is 1 if a record"
                    + " that mail needs is missing or wrong.",
            mixinStandardHelpOptions = true)
    int show(
            @Parameters(paramLabel = "DOMAIN") String domain,
            @Option(names = "--check", description = "Looks the records up in the DNS.") boolean check,
            @Option(names = "--json", description = "Prints JSON.") boolean json)
            throws ConfigurationException, StartupException, ApiException, IOException {
        DomainInfo info = service().ask(Calls.DOMAIN, new DomainQuery(domain, check));
        if (json) {
            out().println(Json.write(info));
        } else {
            out().println(line(info));
            for (DnsRecordInfo record : info.records()) {
                out().println(record.zoneLine());
                out().println("  ; " + record.purpose() + (record.required() ? "" : " (optional)"));
                if (record.state() != null) {
                    out().println("  ; " + Json.label(record.state()) + ": " + record.found());
                }
            }
        }
        boolean good = info.records().stream()
                .allMatch(record -> !record.required()
                        || record.state() == null
                        || record.state() == DnsRecordInfo.State.PUBLISHED);
        return good ? 0 : 1;
    }

    private static String line(DomainInfo domain) {
        return domain.domain() + (domain.primary() ? " (primary)" : "") + ": "
                + count(domain.users(), "user") + ", " + count(domain.aliases(), "alias")
                + (domain.catchAll() == null ? "" : ", catch-all " + domain.catchAll())
                + (domain.routed() ? ", routed" : "")
                + (domain.source() == SettingSource.CONFIG ? ", in the configuration" : "");
    }

    private static String count(int count, String what) {
        return count + " " + what + (count == 1 ? "" : what.endsWith("s") ? "es" : "s");
    }

    private AccountService service() throws ConfigurationException {
        return new AccountService(parent.configFile(), spec);
    }
}
