package org.mailserv.app.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.Json;
import org.mailserv.app.config.ConfigFile;
import org.mailserv.app.config.DataFolder;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.OwnerOfData;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.server.Lookups;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.server.check.dkim.DkimKey;
import org.mailserv.server.check.dkim.DkimKeys;
import org.mailserv.server.config.ConfigurationException;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.dns.DnsAnswer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code mailserv dkim}: the keys that sign mail. A running server applies changes after {@code mailserv reload}. */
@Command(
        name = "dkim",
        description = "Creates, rotates, activates and lists DKIM keys.",
        mixinStandardHelpOptions = true,
        subcommands = {
            DkimCommand.Keygen.class,
            DkimCommand.Rotate.class,
            DkimCommand.Activate.class,
            DkimCommand.ListKeys.class
        })
public final class DkimCommand implements Callable<Integer> {
    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private MailservCommand parent;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--json", description = JsonLines.HELP)
    private boolean json;

    private record Activated(String name, Instant activeFrom) {}

    /** A key, for {@code --json}. */
    private record Shown(
            String domain,
            String selector,
            String algorithm,
            String state,
            Instant activeFrom,
            String name,
            String record) {}

    @Override
    public Integer call() throws ConfigurationException, StartupException, IOException, GeneralSecurityException {
        return print(keys(config()).all(), json);
    }

    private MailservConfig config() throws ConfigurationException {
        return ConfigFile.load(parent.configFile());
    }

    private static DkimKeys keys(MailservConfig config) throws StartupException, IOException {
        OwnerOfData.become(config.dataDir());
        return new DkimKeys(new DataFolder(config, new RealDisk()).dkim(), InstantSource.system());
    }

    private static List<DkimKey> of(String domain, DkimKeys keys) {
        return keys.all().stream()
                .filter(key -> DomainNames.same(key.domain(), domain))
                .toList();
    }

    private MailservConfig configWith(String domain, boolean force) throws ConfigurationException {
        MailservConfig config = config();
        if (!force && config.domains().keySet().stream().noneMatch(own -> DomainNames.same(own, domain))) {
            throw new ParameterException(
                    spec.commandLine(),
                    domain
                            + " is no local domain: add it to domains in the configuration first, or repeat with"
                            + " --force");
        }
        return config;
    }

    /** Keys that replace others wait until their records are published: until then the others sign. */
    private int generate(String domain, boolean force, Instant earliest, boolean asJson)
            throws ConfigurationException, StartupException, IOException, GeneralSecurityException {
        DkimKeys keys = keys(configWith(domain, force));
        boolean first = of(domain, keys).isEmpty() && !earliest.isAfter(Instant.now());
        List<DkimKey> made = first ? keys.generate(domain, earliest) : keys.generateWaiting(domain, earliest);
        print(made, asJson);
        if (!first) {
            spec.commandLine()
                    .getErr()
                    .println("Publish these records. The keys begin to sign when the server sees them in the DNS, or"
                            + " after `mailserv dkim activate " + domain + "`. Until then the present keys sign.");
            spec.commandLine().getErr().flush();
        }
        return 0;
    }

    /** Prints the records to publish, ready to paste into a zone. */
    private int print(List<DkimKey> keys, boolean asJson) throws GeneralSecurityException {
        PrintWriter out = spec.commandLine().getOut();
        Instant now = Instant.now();
        for (DkimKey key : keys) {
            if (asJson) {
                out.println(Json.write(new Shown(
                        key.domain(),
                        key.selector(),
                        key.algorithm().toString(),
                        state(key, now),
                        key.activeFrom(),
                        key.recordName(),
                        key.dnsRecord())));
                continue;
            }
            out.println("; " + key.algorithm() + ", " + state(key, now));
            out.println(record(key));
        }
        out.flush();
        return 0;
    }

    private static String state(DkimKey key, Instant now) {
        boolean later = key.activeFrom().isAfter(now);
        if (key.waiting()) {
            return "waits until its record is published" + (later ? ", and at least until " + key.activeFrom() : "");
        }
        return later ? "signs from " + key.activeFrom() : "signs now or has signed";
    }

    /** Returns the line of a zone. */
    static String record(DkimKey key) throws GeneralSecurityException {
        return key.recordName() + ". IN TXT " + strings(key.dnsRecord());
    }

    /** A string of a TXT record has 255 octets at most. RFC 1035, 3.3.14. */
    private static String strings(String text) {
        return "( \"" + String.join("\" \"", text.split("(?<=\\G.{250})")) + "\" )";
    }

    /** Activates keys whose records are published, or all waiting ones. */
    private int activate(String domain, @Nullable String selector, boolean force, boolean asJson)
            throws ConfigurationException, StartupException, IOException, GeneralSecurityException {
        MailservConfig config = config();
        DkimKeys keys = keys(config);
        List<DkimKey> chosen = of(domain, keys).stream()
                .filter(key -> selector == null || key.selector().equals(selector))
                .toList();
        if (chosen.isEmpty()) {
            throw new StartupException(domain + ": no key" + (selector == null ? "" : " with selector " + selector)
                    + " (`mailserv dkim list` shows all)");
        }
        int missing = 0;
        try (Lookups lookups = new Lookups(config)) {
            for (DkimKey key : chosen) {
                DnsAnswer<String> answer = Lookups.await(lookups.dns().txt(key.recordName()));
                boolean published =
                        answer instanceof DnsAnswer.Found<String> found && key.isPublishedIn(found.records());
                if (!key.waiting()) {
                    tell(key, key.activeFrom(), ": is active already", asJson);
                } else if (published || force) {
                    Instant from = keys.activate(key).truncatedTo(ChronoUnit.SECONDS);
                    tell(key, from, ": signs from " + from, asJson);
                } else {
                    missing++;
                    spec.commandLine()
                            .getErr()
                            .println("mailserv: " + key.recordName() + ": not activated, its record is not published ("
                                    + Lookups.words(answer) + "); publish it, or repeat with --force");
                }
            }
        }
        out().flush();
        return missing == 0 ? 0 : 1;
    }

    private void tell(DkimKey key, Instant from, String words, boolean asJson) {
        out().println(asJson ? Json.write(new Activated(key.recordName(), from)) : key.recordName() + words);
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    @Command(
            name = "keygen",
            description = {
                "Creates an RSA and an Ed25519 key for a domain, and prints the DNS records to publish.",
                "The first keys of a domain sign at once. Later ones wait until the server sees their records."
            },
            mixinStandardHelpOptions = true)
    static final class Keygen implements Callable<Integer> {
        @ParentCommand
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private DkimCommand dkim;

        @Parameters(paramLabel = "DOMAIN", description = "The domain of the sender addresses.")
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private String domain;

        @Option(names = "--force", description = "Also for a domain that is not local.")
        private boolean force;

        @Option(names = "--json", description = JsonLines.HELP)
        private boolean json;

        @Override
        public Integer call() throws Exception {
            return dkim.generate(domain, force, Instant.now(), json);
        }
    }

    @Command(
            name = "rotate",
            description = {
                "Creates new keys for a domain, which sign after a grace period.",
                "They also wait until the server sees their records. Until then the old keys sign."
            },
            mixinStandardHelpOptions = true)
    static final class Rotate implements Callable<Integer> {
        @ParentCommand
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private DkimCommand dkim;

        @Parameters(paramLabel = "DOMAIN", description = "The domain of the sender addresses.")
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private String domain;

        @Option(
                names = "--grace-hours",
                paramLabel = "N",
                defaultValue = "48",
                description = "Time before they sign. Default: ${DEFAULT-VALUE}.")
        private int hours;

        @Option(names = "--force", description = "Also for a domain that is not local.")
        private boolean force;

        @Option(names = "--json", description = JsonLines.HELP)
        private boolean json;

        @Override
        public Integer call() throws Exception {
            return dkim.generate(domain, force, Instant.now().plus(Duration.ofHours(hours)), json);
        }
    }

    @Command(
            name = "activate",
            description =
                    "Lets the waiting keys of a domain sign, if their records are published. A running server needs"
                            + " `mailserv reload` after it.",
            mixinStandardHelpOptions = true)
    static final class Activate implements Callable<Integer> {
        @ParentCommand
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private DkimCommand dkim;

        @Parameters(index = "0", paramLabel = "DOMAIN", description = "The domain of the sender addresses.")
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private String domain;

        @Parameters(
                index = "1",
                paramLabel = "SELECTOR",
                arity = "0..1",
                description = "Default: all waiting keys of the domain.")
        @Nullable
        private String selector;

        @Option(names = "--force", description = "Without looking the records up.")
        private boolean force;

        @Option(names = "--json", description = JsonLines.HELP)
        private boolean json;

        @Override
        public Integer call() throws Exception {
            return dkim.activate(domain, selector, force, json);
        }
    }

    @Command(name = "list", description = "Prints the records of all keys.", mixinStandardHelpOptions = true)
    static final class ListKeys implements Callable<Integer> {
        @ParentCommand
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private DkimCommand dkim;

        @Parameters(paramLabel = "DOMAIN", arity = "0..1", description = "Default: all domains.")
        @Nullable
        private String domain;

        @Option(names = "--json", description = JsonLines.HELP)
        private boolean json;

        @Override
        public Integer call() throws Exception {
            List<DkimKey> keys = keys(dkim.config()).all();
            List<DkimKey> shown = keys.stream()
                    .filter(key -> domain == null || DomainNames.same(key.domain(), domain))
                    .toList();
            if (domain != null && shown.isEmpty()) {
                throw new StartupException(domain + ": no keys (`mailserv dkim keygen " + domain + "` makes some)");
            }
            return dkim.print(shown, json);
        }
    }
}
