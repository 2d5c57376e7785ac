package org.mailserv.app.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.Json;
import org.mailserv.app.api.QueueMessage;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.control.OfflineQueue;
import org.mailserv.app.control.QueueReport;
import org.mailserv.relay.queue.QueueFilter;
import org.mailserv.server.config.ConfigurationException;
import org.mailserv.server.spool.QueuedMessage;
import org.mailserv.server.spool.Spool;
import org.mailserv.server.spool.StoredMessage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code mailserv spool}: the spool of a server that is down. */
@Command(
        name = "spool",
        description = "Lists, shows, extracts and checks the messages in the spool of a stopped server.",
        mixinStandardHelpOptions = true)
public final class SpoolCommand extends CommandGroup {
    private record Checked(int messages, List<String> problems) {}

    @Command(name = "list", description = "Lists all messages.", mixinStandardHelpOptions = true)
    int list(@Option(names = "--json", description = JsonLines.HELP) boolean json) throws Exception {
        return queue(QueueFilter.all(), json, false);
    }

    @Command(name = "show", description = "Shows messages with their recipients.", mixinStandardHelpOptions = true)
    int show(
            @Parameters(paramLabel = "ID", arity = "1..*", description = "Messages with these ids.") List<String> ids,
            @Option(names = "--json", description = JsonLines.HELP) boolean json)
            throws Exception {
        return queue(new QueueFilter(Set.copyOf(ids), null, null, null, 0), json, true);
    }

    private int queue(QueueFilter filter, boolean json, boolean whole) throws Exception {
        List<QueueMessage> messages = OfflineQueue.list(stopped(), filter);
        return QueueCommand.print(
                QueueReport.of(messages, json, whole, QueueCommand.missing(filter, messages)), out(), err());
    }

    @Command(
            name = "export",
            description =
                    "Writes messages as they would be sent: one to standard output, or all into a folder as ID.eml.",
            mixinStandardHelpOptions = true)
    int export(
            @Parameters(paramLabel = "ID", arity = "0..*", description = "Messages with these ids. Default: all.")
                    @Nullable
                    List<String> ids,
            @Option(names = "--to", paramLabel = "FOLDER", description = "Folder for the ID.eml files.") @Nullable
                    Path folder)
            throws Exception {
        Set<String> wanted = ids == null ? Set.of() : Set.copyOf(ids);
        if (folder == null && wanted.size() != 1) {
            throw usage("export: several messages need a folder (expected: --to FOLDER, or one ID)");
        }
        if (folder != null) {
            Files.createDirectories(folder);
        }
        int found = OfflineQueue.open(stopped(), (store, messages) -> {
            int count = 0;
            for (QueuedMessage message : messages) {
                if (wanted.isEmpty() || wanted.contains(message.id().toString())) {
                    write(store.spool(), message, folder);
                    count++;
                }
            }
            return count;
        });
        if (folder != null) {
            out().println(found + " messages written to " + folder);
        }
        return found == 0 && !wanted.isEmpty() ? 1 : 0;
    }

    private static void write(Spool spool, QueuedMessage message, @Nullable Path folder)
            throws IOException, StartupException {
        OutputStream target =
                folder == null ? System.out : Files.newOutputStream(folder.resolve(message.id() + ".eml"));
        try (StoredMessage stored =
                spool.open(message.id()).toCompletableFuture().get()) {
            stored.content().writeTo(ByteBuffer.allocate(0), Channels.newChannel(target));
            target.flush();
        } catch (ExecutionException e) {
            throw new StartupException(message.id() + ": " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartupException("interrupted", e);
        } finally {
            if (folder != null) {
                target.close();
            }
        }
    }

    @Command(
            name = "fsck",
            description = "Recovers the spool as a start would, and reads every message.",
            mixinStandardHelpOptions = true)
    int fsck(@Option(names = "--json", description = JsonLines.HELP) boolean json) throws Exception {
        return OfflineQueue.open(stopped(), (store, messages) -> {
            List<String> problems = store.checkQueue();
            if (json) {
                out().println(Json.write(new Checked(messages.size(), problems)));
            } else {
                problems.forEach(out()::println);
                out().println(messages.size() + " messages, " + problems.size() + " with problems");
            }
            return problems.isEmpty() ? 0 : 1;
        });
    }

    /** Returns the configuration of a server that is stopped. */
    private MailservConfig stopped() throws ConfigurationException, StartupException {
        MailservConfig config = config();
        if (server(config).isServerRunning()) {
            throw new StartupException("the server runs: ask it (`mailserv queue`), or stop it first");
        }
        return config;
    }
}
