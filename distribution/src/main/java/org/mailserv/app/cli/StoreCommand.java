package org.mailserv.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntConsumer;
import org.mailserv.app.api.Json;
import org.mailserv.app.config.DataFolder;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.OwnerOfData;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.control.QueueMove;
import org.mailserv.app.log.EventLog;
import org.mailserv.app.transfer.MailboxCopy;
import org.mailserv.server.account.Account;
import org.mailserv.server.config.ConfigurationException;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.mailbox.maildir.MaildirLayout;
import org.mailserv.server.store.file.FileStore;
import org.mailserv.server.store.shared.SharedStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code mailserv store}: moves mail between files and Apache Cassandra. */
@Command(
        name = "store",
        description = "Copies mail between the files of this machine and a store that servers share.",
        mixinStandardHelpOptions = true)
public final class StoreCommand extends CommandGroup {
    private static final int PROGRESS = 1000;

    /** Places of mail, as store.kind names them. */
    public enum Place {
        files,
        cassandra
    }

    private record Copied(int mailboxes, int messages, int present, int queued, List<String> problems) {}

    @Command(
            name = "copy",
            description = {
                "Copies all mailboxes from one store to the other and moves the queue, while all servers are stopped.",
                "Each message is compared by a checksum. Run it again after an interruption. Exit code 1 if a message"
                        + " was not copied."
            },
            mixinStandardHelpOptions = true)
    int copy(
            @Parameters(index = "0", paramLabel = "FROM", description = "files or cassandra.") Place from,
            @Parameters(index = "1", paramLabel = "TO", description = "The other one.") Place to,
            @Option(names = "--json", description = JsonLines.HELP) boolean json)
            throws ConfigurationException, StartupException, IOException {
        if (from == to) {
            throw usage("copy " + from + " " + to + ": the same store (expected: files cassandra, or cassandra files)");
        }
        MailservConfig config = configAsOwner();
        Disk disk = new RealDisk();
        Copied copied;
        try (DataFolder folder = new DataFolder(config, disk)) {
            // A running server holds the lock.
            folder.lock();
            try (FileStore files = folder.openFiles(new EventLog(null));
                    SharedStore shared = folder.openShared(new EventLog(null))) {
                copied = copy(config, disk, folder, files, shared, to);
            }
        }
        tell(copied, to, json);
        return copied.problems().isEmpty() ? 0 : 1;
    }

    private Copied copy(
            MailservConfig config, Disk disk, DataFolder folder, FileStore files, SharedStore shared, Place to)
            throws IOException {
        MailboxCopy copy = new MailboxCopy(shared.copies(), disk, folder.ids(), progress());
        MaildirLayout layout = folder.layout();
        OwnerOfData.Owner owner = OwnerOfData.of(config.dataDir());
        for (Account account : MailboxCommand.accounts(config)) {
            Path mailbox = layout.folder(account.mailbox());
            if (to == Place.files) {
                copy.toFiles(account.mailbox(), mailbox, owner);
            } else if (Files.isDirectory(mailbox)) {
                copy.toShared(account.mailbox(), mailbox);
            }
        }
        int queued = to == Place.files ? QueueMove.run(shared, files) : QueueMove.run(files, shared);
        return new Copied(copy.mailboxes(), copy.copied(), copy.present(), queued, copy.problems());
    }

    private IntConsumer progress() {
        return count -> {
            if (count % PROGRESS == 0) {
                err().println(count + " messages ...");
                err().flush();
            }
        };
    }

    private void tell(Copied copied, Place to, boolean json) {
        copied.problems().forEach(line -> err().println("not copied: " + line));
        err().flush();
        out().println(
                        json
                                ? Json.write(copied)
                                : "Copied " + count(copied.messages(), "message") + " of "
                                        + count(copied.mailboxes(), "mailbox")
                                        + (copied.present() > 0 ? ", " + copied.present() + " there already" : "")
                                        + "; moved " + count(copied.queued(), "queued message") + ". Set store.kind = "
                                        + to + " before the next start.");
        out().flush();
    }

    private static String count(int number, String what) {
        return number + " " + what + (number == 1 ? "" : what.endsWith("x") ? "es" : "s");
    }
}
