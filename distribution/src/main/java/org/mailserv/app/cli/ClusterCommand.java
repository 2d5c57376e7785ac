package org.mailserv.app.cli;

import java.util.Locale;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.ClusterDrain;
import org.mailserv.app.api.ClusterState;
import org.mailserv.app.api.Json;
import org.mailserv.app.api.Nothing;
import org.mailserv.app.config.StartupException;
import org.mailserv.server.config.ConfigurationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code mailserv cluster}: the servers that share a store on Apache Cassandra. */
@Command(
        name = "cluster",
        description = "Shows the servers that share a store, and prepares one for maintenance.",
        mixinStandardHelpOptions = true)
public final class ClusterCommand extends CommandGroup {
    @Command(
            name = "status",
            description = "Lists the servers, their signs of life and shards, takeovers, and the engine nodes.",
            mixinStandardHelpOptions = true)
    int status(@Option(names = "--json", description = "Prints JSON.") boolean json)
            throws ConfigurationException, StartupException, ApiException {
        ClusterState state = server(config()).ask(Calls.CLUSTER, Nothing.NOTHING);
        if (json) {
            out().println(Json.write(state));
        } else {
            print(state);
        }
        out().flush();
        return 0;
    }

    private void print(ClusterState state) {
        String mail = state.draining() ? "draining, takes no mail" : state.takesMail() ? "takes mail" : "takes no mail";
        out().println("This server: " + state.node() + ", " + mail + ", messages to send: " + state.messages());
        out().println(row("RUN", "STATE", "BEAT", "SHARDS", "TAKEN OVER BY"));
        for (ClusterState.ClusterRun run : state.runs()) {
            out().println(row(
                    run.run(), run.state(), Long.toString(run.beat()), Integer.toString(run.shards()), run.taker()));
        }
        if (!state.takeovers().isEmpty()) {
            out().println("Takes over: " + String.join(", ", state.takeovers()));
        }
        for (ClusterState.EngineState node : state.engine()) {
            out().println("Engine node " + node.address() + ": " + (node.up() ? "up" : "DOWN")
                    + (node.version().isEmpty() ? "" : ", version " + node.version()));
        }
    }

    private static String row(String run, String state, String beat, String shards, String taker) {
        return String.format(Locale.ROOT, "%-24s %-7s %10s %7s  %s", run, state, beat, shards, taker)
                .stripTrailing();
    }

    @Command(
            name = "drain",
            description =
                    "Hands all mail of this server to the others, before it is stopped. It takes no more mail until it"
                            + " is started again; mailboxes stay open.",
            mixinStandardHelpOptions = true)
    int drain(@Parameters(paramLabel = "NODE", description = "Name of this server, as a precaution.") String node)
            throws ConfigurationException, StartupException, ApiException {
        server(config()).ask(Calls.DRAIN_CLUSTER, new ClusterDrain(node));
        out().println("drained: the other servers have the mail of " + node + ". It can be stopped.");
        out().flush();
        return 0;
    }
}
