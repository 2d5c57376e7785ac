package org.mailserv.app.cli;

import com.google.gson.JsonObject;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.Json;
import org.mailserv.app.api.Nothing;
import org.mailserv.app.api.QueueQuery;
import org.mailserv.app.api.ServerState;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.control.ControlClient;
import org.mailserv.server.config.ConfigurationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code mailserv top}: a live view of the running server. */
@Command(
        name = "top",
        description = {
            "Shows the running server: health, messages per minute and hour, the queue by destination, and open"
                    + " sessions.",
            "On a terminal the view is renewed until Ctrl-C; otherwise it is printed once, unless --interval is given."
        },
        mixinStandardHelpOptions = true)
public final class TopCommand extends Subcommand implements Callable<Integer> {
    private static final int DEFAULT_SECONDS = 2;
    private static final int ROWS = 24;
    private static final int COLUMNS = 80;
    /** Cursor to the top left corner, and clear what follows. */
    private static final String CLEAR = "\u001b[H\u001b[J";

    @Option(names = "--once", description = "Prints the view once.")
    private boolean once;

    @Option(
            names = "--interval",
            paramLabel = "SECONDS",
            description = "Time between two views. Default: " + DEFAULT_SECONDS + ".")
    @Nullable
    private Integer interval;

    @Option(names = "--json", description = JsonLines.HELP)
    private boolean json;

    @Override
    public Integer call() throws ConfigurationException, StartupException, ApiException, InterruptedException {
        if (interval != null && interval < 1) {
            throw usage("--interval " + interval + ": below 1 (expected: seconds)");
        }
        ControlClient server = server(config());
        boolean terminal = !json && Terminal.console() != null;
        boolean again = !once && (terminal || interval != null);
        long seconds = interval == null ? DEFAULT_SECONDS : interval;
        do {
            TopView.Snapshot view = look(server);
            print(view, terminal && again);
            if (again) {
                TimeUnit.SECONDS.sleep(seconds);
            }
        } while (again && !out().checkError());
        return 0;
    }

    private static TopView.Snapshot look(ControlClient server) throws StartupException, ApiException {
        ServerState state = server.ask(Calls.STATE, Nothing.NOTHING);
        return new TopView.Snapshot(
                Instant.now(),
                state,
                server.ask(Calls.TRAFFIC, Nothing.NOTHING),
                server.ask(Calls.QUEUE_SUMMARY, QueueQuery.all(0)),
                server.ask(Calls.SESSIONS, Nothing.NOTHING));
    }

    /** @param onScreen whether the view replaces the one before it */
    private void print(TopView.Snapshot view, boolean onScreen) {
        PrintWriter out = out();
        if (json) {
            JsonObject line = new JsonObject();
            line.add("time", Json.tree(view.time()));
            line.add("state", Json.tree(view.state()));
            line.add("traffic", Json.tree(view.traffic()));
            line.add("destinations", Json.tree(view.destinations()));
            line.add("sessions", Json.tree(view.sessions()));
            out.println(Json.write(line));
        } else if (onScreen) {
            out.print(CLEAR);
            TopView.lines(view, size("LINES", ROWS) - 1).stream()
                    .map(line -> cut(line, size("COLUMNS", COLUMNS)))
                    .forEach(out::println);
        } else {
            TopView.lines(view, Integer.MAX_VALUE).forEach(out::println);
        }
        out.flush();
    }

    private static String cut(String line, int columns) {
        return line.length() > columns ? line.substring(0, columns) : line;
    }

    /** Returns a dimension of the terminal, as far as the shell tells. */
    private static int size(String variable, int otherwise) {
        String text = System.getenv(variable);
        return text != null && text.matches("[1-9]\\d{1,3}") ? Integer.parseInt(text) : otherwise;
    }
}
