package org.mailserv.app.sendmail;

import static org.mailserv.app.sendmail.SendmailException.EX_UNAVAILABLE;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.QueueQuery;
import org.mailserv.app.config.DataFolder;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.control.ControlClient;
import org.mailserv.app.control.QueueReport;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.pickup.SharedFolder;
import org.mailserv.server.text.Failures;

/** The queue as {@code mailq} lists it for a user who may not enter the data folder: by the socket in the shared pickup folder. */
final class SharedQueue {
    private final PrintStream out;

    SharedQueue(OutputStream out) {
        this.out = new PrintStream(out, true, StandardCharsets.UTF_8);
    }

    /**
     * Lists the queue, and returns the exit code; null if this user may read the data folder, and so does not need the socket. Blocks.
     *
     * @param config null if this user may not read it
     */
    @Nullable
    Integer list(@Nullable MailservConfig config) throws SendmailException {
        if (config != null && (Files.notExists(config.dataDir()) || Files.isExecutable(config.dataDir()))) {
            return null;
        }
        Path folder = config == null ? SharedFolder.PACKAGED : new DataFolder(config, new RealDisk()).pickup();
        try {
            QueueReport report = QueueReport.of(
                    ControlClient.ofQueue(folder).ask(Calls.QUEUE, QueueQuery.all(0)), false, false, List.of());
            report.lines().forEach(out::println);
            return 0;
        } catch (StartupException e) {
            throw new SendmailException(
                    EX_UNAVAILABLE,
                    "the queue cannot be listed: the server does not run, or pickup.shared is not set in its configuration");
        } catch (ApiException e) {
            throw new SendmailException(EX_UNAVAILABLE, "the queue cannot be listed: " + Failures.text(e));
        }
    }
}
