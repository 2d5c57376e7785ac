package org.mailserv.app.cli;

import java.io.PrintWriter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.DestinationSummary;
import org.mailserv.app.api.QueueChange;
import org.mailserv.app.api.QueueChanged;
import org.mailserv.app.api.QueueMessage;
import org.mailserv.app.api.QueueQuery;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.control.ControlClient;
import org.mailserv.app.control.OfflineQueue;
import org.mailserv.app.control.QueueReport;
import org.mailserv.relay.queue.QueueAdmin;
import org.mailserv.relay.queue.QueueFilter;
import org.mailserv.relay.queue.QueueResult;
import org.mailserv.server.config.ConfigurationException;
import org.mailserv.server.text.Durations;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code mailserv queue}: the queue of the running server, or its files if the server is stopped. */
@Command(
        name = "queue",
        description = "Shows and changes the queue of the running server, or its files if the server is stopped.",
        mixinStandardHelpOptions = true,
        subcommands = {
            QueueCommand.ListMessages.class,
            QueueCommand.Show.class,
            QueueSummaryCommand.class,
            QueueCommand.Retry.class,
            QueueCommand.Hold.class,
            QueueCommand.Release.class,
            QueueCommand.Remove.class,
            QueueCommand.Bounce.class,
            QueueUndoCommand.class
        })
public final class QueueCommand extends Subcommand implements Callable<Integer> {
    @Option(names = "--json", description = JsonLines.HELP)
    private boolean json;

    @Override
    public Integer call() throws ConfigurationException, StartupException, ApiException {
        return look(QueueQuery.all(0), json, false);
    }

    /** Prints messages of the running server, or of its files. Returns the exit code. */
    private int look(QueueQuery query, boolean json, boolean whole)
            throws ConfigurationException, StartupException, ApiException {
        MailservConfig config = config();
        List<QueueMessage> messages = server(config).isServerRunning()
                ? server(config).ask(Calls.QUEUE, query)
                : OfflineQueue.list(config, query.filter());
        return print(QueueReport.of(messages, json, whole, missing(query.filter(), messages)), out(), err());
    }

    /** Returns the destinations of messages of the running server, or of its files. */
    List<DestinationSummary> destinations(QueueQuery query)
            throws ConfigurationException, StartupException, ApiException {
        MailservConfig config = config();
        return server(config).isServerRunning()
                ? server(config).ask(Calls.QUEUE_SUMMARY, query)
                : DestinationSummary.of(OfflineQueue.list(config, query.filter()), query.filter());
    }

    /** Changes the queue of the running server, or its files. Returns the exit code. */
    private int change(QueueChange change, boolean json) throws ConfigurationException, StartupException, ApiException {
        MailservConfig config = config();
        QueueChanged result = server(config).isServerRunning()
                ? server(config).ask(Calls.CHANGE_QUEUE, change)
                : OfflineQueue.change(config, change.order(ControlClient.operator()));
        QueueFilter filter = change.filter();
        String selection = filter.namesSomething() ? filter.describe() : null;
        return print(QueueReport.of(result, change, selection, json), out(), err());
    }

    /** Returns a line for each id that was named and not found. */
    static List<String> missing(QueueFilter filter, List<QueueMessage> found) {
        return QueueResult.missingIds(
                filter, found.stream().map(QueueMessage::id).toList());
    }

    /** Prints a report, its problems to standard error, and returns the exit code. */
    static int print(QueueReport report, PrintWriter out, PrintWriter err) {
        report.lines().forEach(out::println);
        report.problems().forEach(problem -> err.println("mailserv: " + problem));
        out.flush();
        err.flush();
        return report.problems().isEmpty() ? 0 : 1;
    }

    /** Options of all queue commands. */
    abstract static class Verb implements Callable<Integer> {
        @ParentCommand
        @SuppressWarnings("NullAway.Init") // picocli sets it
        QueueCommand queue;

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

        @Option(names = "--json", description = JsonLines.HELP)
        boolean json;

        QueueQuery query() {
            if (olderThan != null && Durations.parse(olderThan) == null) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--older-than " + olderThan + ": not an age (expected: 90s, 15min, 6h, 2d)");
            } else if (limit < 0) {
                throw new ParameterException(
                        spec.commandLine(), "--limit " + limit + ": below 0 (expected: 0 for all)");
            }
            String from = "<>".equals(sender) ? sender : bare("--from", sender);
            String name = domain == null ? null : domain.strip().replaceFirst("^@", "");
            return new QueueQuery(List.copyOf(ids), from, bare("--to", recipient), name, olderThan, limit);
        }

        private @Nullable String bare(String option, @Nullable String address) {
            String text = address == null ? null : address.strip().replaceAll("^<|>$", "");
            if (text != null && text.indexOf('@') < 1) {
                throw new ParameterException(
                        spec.commandLine(), option + " " + address + ": not an address (expected: user@domain)");
            }
            return text;
        }

        /** Returns whether nothing is named that selects messages. */
        boolean isOpen(QueueQuery query) {
            return ids.isEmpty()
                    && query.from() == null
                    && query.to() == null
                    && query.domain() == null
                    && query.olderThan() == null;
        }

        ParameterException nothingChosen() {
            return new ParameterException(
                    spec.commandLine(), "which messages? (ids, --from, --to, --domain, --older-than, or --all)");
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

        String reason() {
            return "";
        }

        @Override
        public Integer call() throws ConfigurationException, StartupException, ApiException {
            QueueQuery query = query();
            if (isOpen(query) && !all) {
                throw nothingChosen();
            }
            QueueChange change = new QueueChange(
                    QueueAdmin.Action.valueOf(spec.name().toUpperCase(Locale.ROOT)),
                    query.id(),
                    List.of(),
                    query.from(),
                    query.to(),
                    query.domain(),
                    query.olderThan(),
                    query.limit(),
                    all,
                    reason(),
                    dryRun,
                    null);
            return queue.change(change, json);
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
        public Integer call() throws ConfigurationException, StartupException, ApiException {
            return queue.look(query(), json, false);
        }
    }

    @Command(name = "show", description = "Shows all details of messages.", mixinStandardHelpOptions = true)
    static final class Show extends Verb {
        @Override
        public Integer call() throws ConfigurationException, StartupException, ApiException {
            QueueQuery query = query();
            if (isOpen(query)) {
                throw nothingChosen();
            }
            return queue.look(query, json, true);
        }
    }

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
}
