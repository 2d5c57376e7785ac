package org.mailserv.app.cli;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.config.ConfigFile;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.control.ControlSocket;
import org.mailserv.app.control.OfflineQueue;
import org.mailserv.app.control.QueueReport;
import org.mailserv.app.control.QueueRequest;
import org.mailserv.app.server.MailServer;
import org.mailserv.relay.queue.QueueFilter;
import org.mailserv.server.config.ConfigurationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code mailserv queue}: of the running server, or of its files when it is down. */
@Command(
        name = "queue",
        description = "Shows and changes the queue of the running server, or its files if the server is stopped.",
        mixinStandardHelpOptions = true,
        subcommands = {
            QueueCommand.ListMessages.class,
            QueueCommand.Show.class,
            QueueCommand.Retry.class,
            QueueCommand.Hold.class,
            QueueCommand.Release.class,
            QueueCommand.Remove.class
        })
public final class QueueCommand implements Callable<Integer> {
    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private MailservCommand parent;

    @Override
    public Integer call() throws ConfigurationException, StartupException {
        return perform(new QueueRequest("list", QueueFilter.all(), false), System.out::print);
    }

    private int perform(QueueRequest request, Consumer<String> out) throws ConfigurationException, StartupException {
        MailservConfig config = ConfigFile.load(parent.configFile());
        String answer;
        if (ControlSocket.isThere(config.dataDir())) {
            answer = ControlSocket.ask(config.dataDir(), "queue", request.arguments());
        } else {
            answer = QueueReport.write(OfflineQueue.perform(config, request), request.json(), request.whole());
        }
        if (answer.startsWith("failed: ")) {
            throw new StartupException(answer.substring("failed: ".length()).strip());
        }
        out.accept(answer);
        return 0;
    }

    /** Options of all queue commands. */
    abstract static class Verb implements Callable<Integer> {
        @ParentCommand
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private QueueCommand queue;

        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it
        CommandSpec spec;

        @Parameters(paramLabel = "ID", description = "Messages with these ids.")
        Set<String> ids = new LinkedHashSet<>();

        @Option(names = "--sender", paramLabel = "ADDRESS", description = "Messages from this sender; <> for bounces.")
        @Nullable
        String sender;

        @Option(names = "--recipient", paramLabel = "ADDRESS", description = "Messages queued for this recipient.")
        @Nullable
        String recipient;

        @Option(names = "--domain", paramLabel = "DOMAIN", description = "Messages queued for this domain.")
        @Nullable
        String domain;

        @Option(
                names = "--limit",
                paramLabel = "N",
                description = "Maximum number of messages; 0 for all.",
                defaultValue = "0")
        int limit;

        @Option(names = "--json", description = "Prints a JSON object per line.")
        boolean json;

        boolean needsChoice() {
            return true;
        }

        boolean all() {
            return false;
        }

        @Override
        public Integer call() throws ConfigurationException, StartupException {
            Set<String> lower = new LinkedHashSet<>();
            ids.forEach(id -> lower.add(id.toLowerCase(Locale.ROOT)));
            QueueFilter filter = new QueueFilter(lower, sender, recipient, domain, limit);
            if (needsChoice() && filter.isOpen() && !all()) {
                throw new ParameterException(
                        spec.commandLine(), "which messages? (ids, --sender, --recipient, --domain, or --all)");
            }
            int code = queue.perform(
                    new QueueRequest(spec.name(), filter, json),
                    text -> spec.commandLine().getOut().print(text));
            spec.commandLine().getOut().flush();
            return code;
        }
    }

    /** Those that change something. */
    abstract static class Change extends Verb {
        @Option(names = "--all", description = "All messages.")
        boolean all;

        @Override
        boolean all() {
            return all;
        }
    }

    @Command(
            name = "list",
            description = "Lists messages with the pending recipients and the reasons.",
            mixinStandardHelpOptions = true)
    static final class ListMessages extends Verb {
        @Override
        boolean needsChoice() {
            return false;
        }
    }

    @Command(name = "show", description = "Shows all details of messages.", mixinStandardHelpOptions = true)
    static final class Show extends Verb {}

    @Command(name = "retry", description = "Attempts delivery now.", mixinStandardHelpOptions = true)
    static final class Retry extends Change {}

    @Command(
            name = "hold",
            description = "Holds messages: they are not delivered until released.",
            mixinStandardHelpOptions = true)
    static final class Hold extends Change {}

    @Command(name = "release", description = "Releases held messages.", mixinStandardHelpOptions = true)
    static final class Release extends Change {}

    @Command(
            name = "remove",
            description = "Removes messages from the queue without a bounce.",
            mixinStandardHelpOptions = true)
    static final class Remove extends Change {}

    /** The server's side. Blocks until it is done. */
    static String serve(MailServer server, List<String> arguments) throws StartupException {
        QueueRequest request = QueueRequest.of(arguments);
        return QueueReport.write(server.queue(request), request.json(), request.whole());
    }
}
