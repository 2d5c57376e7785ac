package org.mailserv.app.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.Json;
import org.mailserv.app.api.QueueMessage;
import org.mailserv.app.api.QueueQuery;
import org.mailserv.app.api.TraceQuery;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.control.QueueReport;
import org.mailserv.app.log.MessageTrace;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code mailserv trace}: what happened to a message. */
@Command(
        name = "trace",
        description = "Shows the trace of a message, or of the messages of an address: sender, every delivery attempt,"
                + " outcome.",
        mixinStandardHelpOptions = true)
public final class TraceCommand extends Subcommand implements Callable<Integer> {
    @Parameters(paramLabel = "ID|ADDRESS", description = "A queue id, or the address of a sender or recipient.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String wanted;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "20",
            description = "Maximum number of messages, the latest ones. Default: ${DEFAULT-VALUE}.")
    private int limit;

    @Option(names = "--json", description = JsonLines.HELP)
    private boolean json;

    /**
     * The story of a message.
     *
     * @param events the lines of the trace
     * @param queued its entry in the queue; null if it is not there, or no server runs
     */
    record Story(String id, List<String> events, @Nullable QueueMessage queued) {}

    @Override
    public Integer call() throws Exception {
        if (wanted.isBlank()) {
            throw usage("nothing to look for (expected: an id, an address, or a part of a line)");
        }
        MailservConfig config = config();
        PrintWriter out = out();
        Map<String, List<String>> stories = stories(config);
        if (stories.isEmpty()) {
            err().println("Nothing is known of " + wanted + " (stories are kept for "
                    + config.history().days() + " days; see history in the configuration)");
            return 1;
        }
        boolean first = true;
        for (Map.Entry<String, List<String>> story : stories.entrySet()) {
            String id = story.getKey();
            List<String> events = story.getValue().stream()
                    .map(line -> line.replace(" id=" + id, ""))
                    .toList();
            QueueMessage queued = queued(config, id);
            if (json) {
                out.println(Json.write(new Story(id, events, queued)));
                continue;
            }
            if (!first) {
                out.println();
            }
            first = false;
            out.println(id);
            events.forEach(line -> out.println("  " + line));
            waiting(queued, out);
        }
        out.flush();
        return 0;
    }

    /** Returns the stories by id: those of all servers where a store is shared, otherwise those in the files here. */
    private Map<String, List<String>> stories(MailservConfig config)
            throws IOException, StartupException, ApiException {
        if (config.store().isShared() && server(config).isServerRunning()) {
            Map<String, List<String>> stories = new LinkedHashMap<>();
            server(config)
                    .ask(Calls.TRACE, new TraceQuery(wanted.strip(), limit))
                    .forEach(story -> stories.put(story.id(), story.lines()));
            return stories;
        }
        return MessageTrace.find(config.dataDir().toAbsolutePath().resolve("history"), wanted.strip(), limit);
    }

    /** Returns the message as it waits; null if it does not, or no server runs. */
    private static @Nullable QueueMessage queued(MailservConfig config, String id)
            throws StartupException, ApiException {
        if (!server(config).isServerRunning()) {
            return null;
        }
        List<QueueMessage> found = server(config).ask(Calls.QUEUE, QueueQuery.ofIds(List.of(id)));
        return found.isEmpty() ? null : found.get(0);
    }

    /** Prints what the message waits for. */
    private static void waiting(@Nullable QueueMessage queued, PrintWriter out) {
        if (queued != null) {
            out.println("  now in the queue:");
            QueueReport.of(List.of(queued), false, false, List.of()).lines().stream()
                    .filter(line -> line.startsWith(" "))
                    .forEach(line -> out.println("  " + line));
        }
    }
}
