package org.mailserv.app.server;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.BackupDone;
import org.mailserv.app.api.BackupRequest;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.Nothing;
import org.mailserv.app.api.ReloadRequest;
import org.mailserv.app.api.ReloadResult;
import org.mailserv.app.api.ReportsSent;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.log.LogFile;
import org.mailserv.server.config.ConfigurationException;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The calls that concern the server as a whole: reload, stop, backup, reports. */
final class HostCalls {
    private static final Logger LOG = LoggerFactory.getLogger(HostCalls.class);

    private final MailServer server;
    private final HostProcess process;

    HostCalls(MailServer server, HostProcess process) {
        this.server = server;
        this.process = process;
    }

    void register(ApiHandlers api) {
        api.on(Calls.RELOAD, (request, by) -> reload(request))
                .on(Calls.STOP, (request, by) -> stop())
                .on(Calls.SEND_REPORTS, (request, by) -> new ReportsSent(server.sendReports()))
                .on(Calls.LISTENERS, (request, by) -> server.listeners())
                .on(Calls.BACKUP, (request, by) -> backUp(request));
    }

    private Nothing stop() {
        process.exit();
        return Nothing.NOTHING;
    }

    private BackupDone backUp(BackupRequest request) throws ApiException, StartupException {
        if (request.folder() == null || !Path.of(request.folder()).isAbsolute()) {
            throw ApiException.malformed("folder: missing or relative (expected: an absolute path on the host)");
        }
        return new BackupDone(server.backUp(Path.of(request.folder())));
    }

    ReloadResult reload(ReloadRequest request) throws ApiException {
        return request.isDryRun() ? rehearse() : reload();
    }

    private ReloadResult rehearse() throws ApiException {
        try {
            return server.describeReload(process.load());
        } catch (ConfigurationException | StartupException | IOException | RuntimeException e) {
            throw new ApiException(ApiException.Kind.CONFLICT, "the configuration would stay as it is\n" + lines(e));
        }
    }

    private ReloadResult reload() throws ApiException {
        LogFile.reopenAll();
        try {
            List<String> restart = server.reload(process.load());
            LOG.info("event=reloaded restart-needed={}", restart);
            return new ReloadResult(restart, List.of());
        } catch (ConfigurationException | StartupException | IOException | RuntimeException e) {
            LOG.error("event=reload-failed reason=\"{}\"", Failures.text(e));
            throw new ApiException(ApiException.Kind.CONFLICT, "the configuration stays as it was\n" + lines(e));
        }
    }

    /** Returns the text of an error. Those of the configuration have a line for each problem. */
    private static String lines(Exception problem) {
        return problem instanceof ConfigurationException configuration
                ? String.join("\n", configuration.problems())
                : Failures.text(problem);
    }
}
