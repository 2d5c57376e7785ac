package org.mailserv.app.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import org.mailserv.app.config.ConfigFile;
import org.mailserv.app.config.DataFolder;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.OwnerOfData;
import org.mailserv.app.config.StartupException;
import org.mailserv.server.check.dkim.DkimKey;
import org.mailserv.server.check.dkim.DkimKeys;
import org.mailserv.server.config.ConfigurationException;
import org.mailserv.server.disk.RealDisk;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code mailserv dkim}: the keys that sign mail. A running server takes changes over with {@code mailserv reload}. */
@Command(
        name = "dkim",
        description = "Creates, rotates and lists DKIM keys.",
        mixinStandardHelpOptions = true,
        subcommands = {DkimCommand.Keygen.class, DkimCommand.Rotate.class, DkimCommand.ListKeys.class})
public final class DkimCommand implements Callable<Integer> {
    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private MailservCommand parent;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() throws ConfigurationException, StartupException, IOException, GeneralSecurityException {
        return print(keys().all());
    }

    private DkimKeys keys() throws ConfigurationException, StartupException, IOException {
        MailservConfig config = ConfigFile.load(parent.configFile());
        OwnerOfData.become(config.dataDir());
        return new DkimKeys(new DataFolder(config, new RealDisk()).dkim(), InstantSource.system());
    }

    /** The records to publish, ready to paste into a zone. */
    private int print(List<DkimKey> keys) throws GeneralSecurityException {
        PrintWriter out = spec.commandLine().getOut();
        Instant now = Instant.now();
        for (DkimKey key : keys) {
            out.println("; " + key.algorithm()
                    + (key.activeFrom().isAfter(now)
                            ? ", signs from " + key.activeFrom()
                            : ", signs now or has signed"));
            out.println(record(key));
        }
        out.flush();
        return 0;
    }

    /** The line of a zone. */
    static String record(DkimKey key) throws GeneralSecurityException {
        return key.selector() + "._domainkey." + key.domain() + ". IN TXT " + strings(key.dnsRecord());
    }

    /** A string of a TXT record has 255 octets at most. RFC 1035, 3.3.14. */
    private static String strings(String text) {
        return "( \"" + String.join("\" \"", text.split("(?<=\\G.{250})")) + "\" )";
    }

    @Command(
            name = "keygen",
            description = "Creates an RSA and an Ed25519 key for a domain, and prints the DNS records to publish.",
            mixinStandardHelpOptions = true)
    static final class Keygen implements Callable<Integer> {
        @ParentCommand
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private DkimCommand dkim;

        @Parameters(paramLabel = "DOMAIN")
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private String domain;

        @Override
        public Integer call() throws Exception {
            return dkim.print(dkim.keys().generate(domain, Instant.now()));
        }
    }

    @Command(
            name = "rotate",
            description =
                    "Creates new keys for a domain, which sign after a grace period. Until then the old keys sign.",
            mixinStandardHelpOptions = true)
    static final class Rotate implements Callable<Integer> {
        @ParentCommand
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private DkimCommand dkim;

        @Parameters(paramLabel = "DOMAIN")
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private String domain;

        @Option(
                names = "--grace-hours",
                paramLabel = "N",
                defaultValue = "48",
                description = "Default: ${DEFAULT-VALUE}.")
        private int hours;

        @Override
        public Integer call() throws Exception {
            return dkim.print(dkim.keys().generate(domain, Instant.now().plus(Duration.ofHours(hours))));
        }
    }

    @Command(name = "list", description = "Prints the records of all keys.", mixinStandardHelpOptions = true)
    static final class ListKeys implements Callable<Integer> {
        @ParentCommand
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private DkimCommand dkim;

        @Override
        public Integer call() throws Exception {
            return dkim.print(dkim.keys().all());
        }
    }
}
