package org.mailserv.app.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
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
import org.mailserv.relay.queue.QueueOrder;
import org.mailserv.server.config.ConfigurationException;
import org.mailserv.server.text.Durations;
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
            QueueCommand.Remove.class,
            QueueCommand.Bounce.class
        })
public final class QueueCommand implements Callable<Integer> {
    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private MailservCommand parent;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() throws ConfigurationException, StartupException {
        return perform(
                new QueueRequest("list", QueueFilter.all(), false),
                spec.commandLine().getOut(),
                spec.commandLine().getErr());
    }

    private int perform(QueueRequest request, PrintWriter out, PrintWriter err)
            throws ConfigurationException, StartupException {
        MailservConfig config = ConfigFile.load(parent.configFile());
        String answer = ControlSocket.isThere(config.dataDir())
                ? ControlSocket.ask(config.dataDir(), "queue", request.arguments())
                : OfflineQueue.answer(config, request);
        if (answer.startsWith("failed: ")) {
            throw new StartupException(answer.substring("failed: ".length()).strip());
        }
        return print(answer, out, err);
    }

    /** Prints an answer, its problems to standard error, and returns the exit code. */
    static int print(String answer, PrintWriter out, PrintWriter err) {
        boolean complete = true;
        for (String line : answer.split("\n")) {
            if (line.startsWith(QueueReport.PROBLEM)) {
                err.println("mailserv: " + line.substring(QueueReport.PROBLEM.length()));
                complete = false;
            } else if (!line.isEmpty()) {
                out.println(line);
            }
        }
        out.flush();
        err.flush();
        return complete ? 0 : 1;
    }

    /** Returns who gives the command: the user of the terminal, also behind sudo. */
    private static String operator() {
        String name = System.getProperty("user.name", "unknown");
        String before = System.getenv("SUDO_USER");
        return before == null || before.isBlank() || before.equals(name) ? name : before + " (as " + name + ")";
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

        @Option(
                names = {"--from", "--sender"},
                paramLabel = "ADDRESS",
                description = "Messages from this sender; <> for bounces.")
        @Nullable
        String sender;

        @Option(
                names = {"--to", "--recipient"},
                paramLabel = "ADDRESS",
                description = "Queued recipients with this address.")
        @Nullable
        String recipient;

        @Option(
                names = {"--domain", "--destination"},
                paramLabel = "DOMAIN",
                description = "Queued recipients in this domain.")
        @Nullable
        String domain;

        @Option(
                names = "--older-than",
                paramLabel = "AGE",
                description = "Messages that arrived at least this long ago: 90s, 15min, 6h, 2d.")
        @Nullable
        String olderThan;

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

        boolean dryRun() {
            return false;
        }

        String reason() {
            return "";
        }

        private QueueFilter filter() {
            Set<String> lower = new LinkedHashSet<>();
            ids.forEach(id -> lower.add(id.strip().toLowerCase(Locale.ROOT)));
            Duration age = olderThan == null ? null : Durations.parse(olderThan);
            if (olderThan != null && age == null) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--older-than " + olderThan + ": not an age (expected: 90s, 15min, 6h, 2d)");
            } else if (limit < 0) {
                throw new ParameterException(
                        spec.commandLine(), "--limit " + limit + ": below 0 (expected: 0 for all)");
            }
            String from = "<>".equals(sender) ? sender : bare("--from", sender);
            String name = domain == null ? null : domain.strip().replaceFirst("^@", "");
            return new QueueFilter(lower, from, bare("--to", recipient), name, limit, age);
        }

        private @Nullable String bare(String option, @Nullable String address) {
            String text = address == null ? null : address.strip().replaceAll("^<|>$", "");
            if (text != null && text.indexOf('@') < 1) {
                throw new ParameterException(
                        spec.commandLine(), option + " " + address + ": not an address (expected: user@domain)");
            }
            return text;
        }

        @Override
        public Integer call() throws ConfigurationException, StartupException {
            QueueFilter filter = filter();
            if (needsChoice() && filter.isOpen() && !all()) {
                throw new ParameterException(
                        spec.commandLine(), "which messages? (ids, --from, --to, --domain, --older-than, or --all)");
            }
            return queue.perform(
                    new QueueRequest(spec.name(), filter, json, operator(), reason(), dryRun()),
                    spec.commandLine().getOut(),
                    spec.commandLine().getErr());
        }
    }

    /** Commands that change something. */
    abstract static class Change extends Verb {
        @Option(names = "--all", description = "All messages.")
        boolean all;

        @Option(
                names = {"-n", "--dry-run"},
                description = "Changes nothing: prints what would be done, and the count.")
        boolean dryRun;

        @Override
        boolean all() {
            return all;
        }

        @Override
        boolean dryRun() {
            return dryRun;
        }
    }

    /** Commands whose reason somebody reads later. */
    abstract static class ReasonedChange extends Change {
        @Option(
                names = "--reason",
                paramLabel = "TEXT",
                description = "Reason, for the log, for `queue show` and for the notice to the sender.")
        String reason = "";

        @Override
        String reason() {
            return reason;
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
            description = "Holds whole messages: they are not delivered until released.",
            mixinStandardHelpOptions = true)
    static final class Hold extends ReasonedChange {}

    @Command(name = "release", description = "Releases held messages.", mixinStandardHelpOptions = true)
    static final class Release extends Change {}

    @Command(
            name = "remove",
            description = "Removes recipients from the queue without a bounce. Other recipients of the messages stay.",
            mixinStandardHelpOptions = true)
    static final class Remove extends ReasonedChange {}

    @Command(
            name = "bounce",
            description = "Returns mail for recipients to its sender. Other recipients of the messages stay.",
            mixinStandardHelpOptions = true)
    static final class Bounce extends ReasonedChange {}

    /** Answers on the side of the server. Blocks until it is done. */
    static String serve(MailServer server, List<String> arguments) throws StartupException {
        QueueRequest request = QueueRequest.of(arguments);
        QueueOrder order = request.order();
        return order == null
                ? QueueReport.write(server.queue(request.filter()), request)
                : QueueReport.write(server.change(order), order, request.json());
    }
}
