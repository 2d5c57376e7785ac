package org.mailserv.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.mailserv.app.api.BackupDone;
import org.mailserv.app.api.BackupRequest;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.Json;
import org.mailserv.app.config.ConfigFile;
import org.mailserv.app.config.DataFolder;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.OwnerOfData;
import org.mailserv.app.config.ServerUser;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.control.ControlClient;
import org.mailserv.app.control.OfflineQueue;
import org.mailserv.app.server.Backup;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.text.Failures;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code mailserv backup} and {@code mailserv restore}. */
public final class BackupCommands {
    private BackupCommands() {}

    @Command(
            name = "backup",
            description =
                    "Copies queue, mailboxes, users, aliases and keys into a new folder, also while the server runs.",
            mixinStandardHelpOptions = true)
    public static final class Write implements Callable<Integer> {
        @ParentCommand
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private MailservCommand parent;

        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private CommandSpec spec;

        @Parameters(
                paramLabel = "FOLDER",
                description = "A new or empty folder, writable by the user that the server runs as.")
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private Path folder;

        @Option(names = "--json", description = JsonLines.HELP)
        private boolean json;

        @Override
        public Integer call() throws Exception {
            MailservConfig config = ConfigFile.load(parent.configFile());
            Path target = folder.toAbsolutePath();
            ControlClient server = new ControlClient(config.dataDir());
            String done = server.isServerRunning()
                    ? server.ask(Calls.BACKUP, new BackupRequest(target.toString()))
                            .text()
                    : OfflineQueue.open(config, (store, messages) -> new Backup(config).write(store, target));
            spec.commandLine().getOut().println(json ? Json.write(new BackupDone(done)) : done);
            spec.commandLine().getOut().flush();
            return 0;
        }
    }

    @Command(
            name = "restore",
            description = "Restores a backup into an empty data folder while the server is stopped.",
            mixinStandardHelpOptions = true)
    public static final class Restore implements Callable<Integer> {
        @ParentCommand
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private MailservCommand parent;

        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private CommandSpec spec;

        @Parameters(paramLabel = "FOLDER", description = "A folder that `mailserv backup` has written.")
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private Path folder;

        @Option(names = "--json", description = JsonLines.HELP)
        private boolean json;

        @Override
        public Integer call() throws Exception {
            MailservConfig config = ConfigFile.load(parent.configFile());
            Path source = folder.toAbsolutePath();
            // The backup may be readable for root alone: what is made is given to the server's user instead.
            OwnerOfData.Owner owner = ServerUser.owner(config);
            boolean isNew = !Files.exists(config.dataDir());
            try (DataFolder data = new DataFolder(config, new RealDisk())) {
                data.lock();
                if (Files.exists(data.path().resolve("spool"))) {
                    throw new StartupException("data-dir " + data.path()
                            + ": has a spool already (expected: an empty folder; move the old one away)");
                }
                try {
                    String done = new Backup(config).restore(source, owner);
                    spec.commandLine().getOut().println(json ? Json.write(new BackupDone(done)) : done);
                } finally {
                    // Also after a failure, so that no folder of root is in the server's way.
                    owner.give(data.path().resolve("lock"));
                    owner.give(data.path().resolve("format"));
                    if (isNew) {
                        owner.give(data.path());
                    }
                }
            } catch (IOException e) {
                throw new StartupException("restore: " + Failures.text(e), e);
            }
            spec.commandLine().getOut().flush();
            return 0;
        }
    }
}
