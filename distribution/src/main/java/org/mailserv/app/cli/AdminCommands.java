package org.mailserv.app.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.Json;
import org.mailserv.app.api.Nothing;
import org.mailserv.app.api.ReloadRequest;
import org.mailserv.app.api.ReloadResult;
import org.mailserv.app.api.SessionInfo;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.control.ControlClient;
import org.mailserv.server.config.ConfigurationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The subcommands that ask a running server. */
public abstract class AdminCommands extends Subcommand implements Callable<Integer> {
    @Option(names = "--json", description = JsonLines.HELP)
    boolean json;

    /** Asks the server and prints the answer. */
    abstract void ask(ControlClient server) throws StartupException, ApiException;

    @Override
    public Integer call() throws ConfigurationException, StartupException {
        try {
            ask(server(config()));
            out().flush();
            return 0;
        } catch (ApiException e) {
            err().println("failed: " + e.getMessage());
            err().flush();
            return OneLineErrors.EX_CONFIG;
        }
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
                        "Shows what would change, and which queued mail would take another route, without changing"
                                + " anything.")
        private boolean dryRun;

        @Override
        void ask(ControlClient server) throws StartupException, ApiException {
            ReloadResult result = server.ask(Calls.RELOAD, new ReloadRequest(dryRun));
            if (json) {
                out().println(Json.write(result));
            } else if (dryRun) {
                (result.changes().isEmpty() ? List.of("nothing would change") : result.changes())
                        .forEach(out()::println);
            } else {
                out().println(
                                result.restartNeeded().isEmpty()
                                        ? "reloaded"
                                        : "reloaded; only after a restart: "
                                                + String.join(", ", result.restartNeeded()));
            }
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

        @Override
        void ask(ControlClient server) throws StartupException, ApiException {
            var result = server.ask(Calls.SEND_REPORTS, Nothing.NOTHING);
            out().println(json ? Json.write(result) : result.sent() + " reports sent");
        }
    }

    /** {@code mailserv stop}. */
    @Command(
            name = "stop",
            description = "Stops the running server, as SIGTERM does. Open transactions may finish first.",
            mixinStandardHelpOptions = true)
    public static final class Stop extends AdminCommands {
        @Override
        void ask(ControlClient server) throws StartupException, ApiException {
            Nothing result = server.ask(Calls.STOP, Nothing.NOTHING);
            out().println(json ? Json.write(result) : "stopping");
        }
    }

    /** {@code mailserv sessions}. */
    @Command(
            name = "sessions",
            description = "Lists the open sessions of the running server: kind, peer, state, age, octets, command.",
            mixinStandardHelpOptions = true)
    public static final class Sessions extends AdminCommands {
        @Override
        void ask(ControlClient server) throws StartupException, ApiException {
            for (SessionInfo session : server.ask(Calls.SESSIONS, Nothing.NOTHING)) {
                out().println(json ? Json.write(session) : line(session));
            }
        }

        /** Returns a session as one line of text. */
        static String line(SessionInfo session) {
            return session.id() + " " + session.kind() + " peer=" + session.peer() + " state=" + session.state()
                    + " seconds="
                    + Duration.between(session.since(), Instant.now()).toSeconds()
                    + " in=" + session.octetsIn() + " out=" + session.octetsOut()
                    + " command=" + session.command();
        }
    }
}
