package org.mailserv.app.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.QueueMessage;
import org.mailserv.app.api.QueueQuery;
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

    @Override
    public Integer call() throws Exception {
        MailservConfig config = config();
        PrintWriter out = out();
        Map<String, List<String>> stories =
                MessageTrace.find(config.dataDir().toAbsolutePath().resolve("history"), wanted.strip(), limit);
        if (stories.isEmpty()) {
            err().println("Nothing is known of " + wanted + " (stories are kept for "
                    + config.history().days() + " days; see history in the configuration)");
            return 1;
        }
        boolean first = true;
        for (Map.Entry<String, List<String>> story : stories.entrySet()) {
            if (!first) {
                out.println();
            }
            first = false;
            out.println(story.getKey());
            story.getValue().forEach(line -> out.println("  " + line.replace(" id=" + story.getKey(), "")));
            waiting(config, story.getKey(), out);
        }
        out.flush();
        return 0;
    }

    /** Prints what the message waits for, if a server runs and has it in its queue. */
    private static void waiting(MailservConfig config, String id, PrintWriter out)
            throws StartupException, ApiException {
        if (!server(config).isServerRunning()) {
            return;
        }
        List<QueueMessage> found = server(config).ask(Calls.QUEUE, QueueQuery.ofIds(List.of(id)));
        if (!found.isEmpty()) {
            out.println("  now in the queue:");
            QueueReport.of(found, false, false, List.of()).lines().stream()
                    .filter(line -> line.startsWith(" "))
                    .forEach(line -> out.println("  " + line));
        }
    }
}
