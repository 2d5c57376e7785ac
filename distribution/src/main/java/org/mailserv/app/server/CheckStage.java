package org.mailserv.app.server;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.mailserv.app.config.DataFolder;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.server.check.Check;
import org.mailserv.server.check.ChecksConfig;
import org.mailserv.server.check.MessageChecks;
import org.mailserv.server.check.StandardChecks;
import org.mailserv.server.check.dkim.DkimKeys;
import org.mailserv.server.check.milter.MilterCheck;
import org.mailserv.server.check.reputation.Greylist;
import org.mailserv.server.check.reputation.SendingLimits;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.net.EventLoops;
import org.mailserv.server.report.Observations;
import org.mailserv.server.store.MailStore;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The checks before acceptance, with the state they keep over a reload: DKIM keys, greylist and sending limits. */
final class CheckStage {
    private static final Logger LOG = LoggerFactory.getLogger(CheckStage.class);

    private final EventLoops loops;
    private final Dns dns;
    private final Observations observations;
    private final MailEvents events;
    private final DkimKeys keys;
    private final Executor executor;
    private final Greylist greylist;
    private final SendingLimits limits;

    /** Reads the saved greylist and sending limits. Blocks. */
    CheckStage(
            MailservConfig config,
            DataFolder folder,
            Disk disk,
            EventLoops loops,
            Dns dns,
            MailStore store,
            Observations observations,
            MailEvents events,
            OpenResources resources)
            throws IOException {
        this.loops = loops;
        this.dns = dns;
        this.observations = observations;
        this.events = events;
        keys = new DkimKeys(folder.dkim(), InstantSource.system());
        executor = executor(resources);
        DkimActivation.start(keys, dns, loops, executor);
        greylist = new Greylist(
                config.checks().greylist(),
                folder.path().resolve("greylist"),
                disk,
                InstantSource.system(),
                store.greylist());
        saveEveryMinute(() -> save(greylist), resources);
        Path file = folder.path().resolve("sending");
        limits = SendingLimits.in(file, config.limits(), InstantSource.system(), store.counts(), events);
        saveEveryMinute(() -> save(limits, file, disk), resources);
    }

    /** Creates the bounded pool for signatures. A caller that finds its queue full runs the task itself. */
    private static Executor executor(OpenResources resources) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                2,
                2,
                10,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(1000),
                new DefaultThreadFactory("check", true),
                new ThreadPoolExecutor.CallerRunsPolicy());
        pool.allowCoreThreadTimeOut(true);
        resources.add(pool::shutdown);
        return pool;
    }

    private void saveEveryMinute(Runnable save, OpenResources resources) {
        loops.group().scheduleWithFixedDelay(() -> executor.execute(save), 1, 1, TimeUnit.MINUTES);
        resources.add(save::run);
    }

    private static void save(Greylist list) {
        try {
            list.save();
        } catch (IOException e) {
            LOG.warn("event=greylist-not-saved reason=\"{}\"", Failures.text(e));
        }
    }

    private static void save(SendingLimits limits, Path file, Disk disk) {
        try {
            limits.save(file, disk);
        } catch (IOException e) {
            LOG.warn("event=sending-habits-not-saved reason=\"{}\"", Failures.text(e));
        }
    }

    DkimKeys keys() {
        return keys;
    }

    SendingLimits limits() {
        return limits;
    }

    /** Returns the executor for computations too long for an event loop. */
    Executor executor() {
        return executor;
    }

    /** Returns the checks for connections accepted under these settings. */
    MessageChecks checks(MailservConfig settings) {
        StandardChecks.ClientSettings clients = new StandardChecks.ClientSettings(
                settings.hostname(), settings.smtp().ptr(), settings.smtp().checkHelo(), settings.checks());
        StandardChecks.Parts parts = new StandardChecks.Parts(
                settings.checks(),
                settings.hostname(),
                dns,
                keys,
                executor,
                settings.reports().dmarc() ? observations : Observations.NONE,
                InstantSource.system(),
                events);
        return StandardChecks.chain(StandardChecks.clientChecks(clients, limits, greylist), parts, filters(settings));
    }

    private List<Check> filters(MailservConfig settings) {
        return settings.milters().filters().isEmpty()
                ? List.of()
                : List.of(new MilterCheck(
                        settings.hostname(),
                        settings.milters().configs(),
                        settings.checks().quarantine() == ChecksConfig.Quarantine.JUNK,
                        loops));
    }
}
