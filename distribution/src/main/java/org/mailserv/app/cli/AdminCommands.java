package org.mailserv.app.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.mailserv.app.config.ConfigFile;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.control.ControlSocket;
import org.mailserv.server.config.ConfigurationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** The sub-commands that ask a running server. */
public abstract class AdminCommands implements Callable<Integer> {
    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private MailservCommand parent;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    /** Returns the arguments of the verb. */
    List<String> arguments() {
        return List.of();
    }

    @Override
    public Integer call() throws ConfigurationException, StartupException {
        Path dataDir = ConfigFile.load(parent.configFile()).dataDir();
        String answer = ControlSocket.ask(dataDir, spec.name(), arguments());
        boolean failed = answer.startsWith("failed: ");
        (failed ? spec.commandLine().getErr() : spec.commandLine().getOut()).print(answer);
        spec.commandLine().getOut().flush();
        spec.commandLine().getErr().flush();
        return failed ? OneLineErrors.EX_CONFIG : 0;
    }

    /** {@code mailserv reload}. */
    @Command(
            name = "reload",
            description = "Reloads the configuration without dropping sessions.",
            mixinStandardHelpOptions = true)
    public static final class Reload extends AdminCommands {
        @Option(
                names = "--dry-run",
                description =
                        "Shows what would change, and which queued mail would take another route, without changing anything.")
        private boolean dryRun;

        @Override
        List<String> arguments() {
            return dryRun ? List.of("dry-run") : List.of();
        }
    }

    /** {@code mailserv reports}. */
    @Command(
            name = "reports",
            description = "Sends the collected aggregate reports to the domains that request them.",
            mixinStandardHelpOptions = true)
    public static final class Reports extends AdminCommands {
        @Option(
                names = "--now",
                required = true,
                description = "Send now, including today's. Otherwise reports are sent once a day.")
        private boolean now;
    }

    /** {@code mailserv stop}. */
    @Command(
            name = "stop",
            description = "Stops the running server, as SIGTERM does. Open transactions may finish first.",
            mixinStandardHelpOptions = true)
    public static final class Stop extends AdminCommands {}

    /** {@code mailserv sessions}. */
    @Command(
            name = "sessions",
            description = "Lists the open sessions of the running server: kind, peer, state, age, octets, command.",
            mixinStandardHelpOptions = true)
    public static final class Sessions extends AdminCommands {}
}
