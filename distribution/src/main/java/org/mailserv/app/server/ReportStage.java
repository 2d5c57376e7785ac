package org.mailserv.app.server;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.mailserv.app.config.DataFolder;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.StartupException;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.net.EventLoops;
import org.mailserv.server.report.DailyReports;
import org.mailserv.server.report.ObservationFiles;
import org.mailserv.server.report.Observations;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The aggregate reports to other domains (DMARC, TLS-RPT): collects observations and sends a day's reports in the first hour of the next. */
final class ReportStage {
    private static final Logger LOG = LoggerFactory.getLogger(ReportStage.class);
    // Octets per day and kind of report.
    private static final long MAX_OBSERVATIONS = 50 << 20;

    private final MailservConfig config;
    private final Optional<ObservationFiles> files;

    /** Sends reports on an operator's request. */
    interface Sender {
        /**
         * Sends all reports that have observations, those of today included. Blocks.
         *
         * @return the number of reports sent
         */
        int sendNow() throws StartupException;
    }

    /** Opens the observation files if reports are enabled. Blocks. */
    ReportStage(MailservConfig config, DataFolder folder, OpenResources resources) throws IOException {
        this.config = config;
        files = config.reports().dmarc() || config.reports().tls()
                ? Optional.of(resources.add(new ObservationFiles(
                        folder.path().resolve("reports"), InstantSource.system(), MAX_OBSERVATIONS)))
                : Optional.empty();
    }

    /** Returns the collector of observations. It discards them if no reports are enabled. */
    Observations observations() {
        return files.<Observations>map(collected -> collected).orElse(Observations.NONE);
    }

    /** Schedules the sending of reports, if any are enabled. */
    Sender start(
            EventLoops loops,
            Dns dns,
            AccountStage accounts,
            StoreStage store,
            CheckStage checks,
            RelayStage relay,
            OpenResources resources) {
        if (files.isEmpty()) {
            return () -> {
                throw new StartupException("no reports are collected (reports.dmarc, reports.tls)");
            };
        }
        DailyReports reports = new DailyReports(new DailyReports.Parts(
                config.reports(),
                config.hostname(),
                accounts.local()::primaryDomain,
                files.get(),
                dns,
                store.spool(),
                relay.recipients(),
                relay.acceptor(),
                checks.keys(),
                InstantSource.system()));
        sendHourly(reports, loops, resources);
        return () -> sendNow(reports);
    }

    private static void sendHourly(DailyReports reports, EventLoops loops, OpenResources resources) {
        ThreadPoolExecutor sender = new ThreadPoolExecutor(
                0,
                1,
                10,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(1),
                new DefaultThreadFactory("reports", true),
                new ThreadPoolExecutor.DiscardPolicy());
        resources.add(sender::shutdownNow);
        loops.group().scheduleWithFixedDelay(() -> sender.execute(() -> sendDue(reports)), 1, 60, TimeUnit.MINUTES);
    }

    private static void sendDue(DailyReports reports) {
        try {
            reports.send(false);
        } catch (IOException e) {
            LOG.warn("event=reports-failed reason=\"{}\"", Failures.text(e));
        }
    }

    private static int sendNow(DailyReports reports) throws StartupException {
        try {
            return reports.send(true);
        } catch (IOException e) {
            throw new StartupException(Failures.text(e), e);
        }
    }
}
