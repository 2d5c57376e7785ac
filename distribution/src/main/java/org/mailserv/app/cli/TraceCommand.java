package org.mailserv.app.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.mailserv.app.config.ConfigFile;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.control.ControlSocket;
import org.mailserv.app.control.QueueReport;
import org.mailserv.app.control.QueueRequest;
import org.mailserv.app.log.MessageTrace;
import org.mailserv.relay.queue.QueueFilter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code mailserv trace}: what happened to a message. */
@Command(
        name = "trace",
        description =
                "Shows the trace of a message, or of the messages of an address: sender, every delivery attempt, outcome.",
        mixinStandardHelpOptions = true)
public final class TraceCommand implements Callable<Integer> {
    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private MailservCommand parent;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

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
        MailservConfig config = ConfigFile.load(parent.configFile());
        PrintWriter out = spec.commandLine().getOut();
        Map<String, List<String>> stories =
                MessageTrace.find(config.dataDir().toAbsolutePath().resolve("history"), wanted.strip(), limit);
        if (stories.isEmpty()) {
            spec.commandLine()
                    .getErr()
                    .println("Nothing is known of " + wanted + " (stories are kept for "
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

    /** Says what the message waits for, where a server runs and has it in its queue. */
    private static void waiting(MailservConfig config, String id, PrintWriter out) throws StartupException {
        if (!ControlSocket.isThere(config.dataDir())) {
            return;
        }
        QueueRequest request = new QueueRequest("list", new QueueFilter(Set.of(id), null, null, null, 0), false);
        String answer = ControlSocket.ask(config.dataDir(), "queue", request.arguments());
        if (!answer.contains(QueueReport.PROBLEM) && !answer.startsWith("failed: ")) {
            out.println("  now in the queue:");
            answer.lines().filter(line -> line.startsWith(" ")).forEach(line -> out.println("  " + line));
        }
    }
}
