package org.mailserv.app.server;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.mailserv.server.check.dkim.DkimKey;
import org.mailserv.server.check.dkim.DkimKeys;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.dns.DnsAnswer;
import org.mailserv.server.net.EventLoops;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets new DKIM keys sign as soon as their records are in the DNS, which it looks up every five minutes. */
final class DkimActivation {
    private static final Logger LOG = LoggerFactory.getLogger(DkimActivation.class);
    private static final int MINUTES = 5;

    private final DkimKeys keys;
    private final Dns dns;
    private final Executor executor;

    private DkimActivation(DkimKeys keys, Dns dns, Executor executor) {
        this.keys = keys;
        this.dns = dns;
        this.executor = executor;
    }

    /** @param executor for reading and renaming key files */
    static void start(DkimKeys keys, Dns dns, EventLoops loops, Executor executor) {
        DkimActivation activation = new DkimActivation(keys, dns, executor);
        loops.group().scheduleWithFixedDelay(() -> executor.execute(activation::look), 0, MINUTES, TimeUnit.MINUTES);
    }

    private void look() {
        try {
            if (keys.hasNewWaiting()) {
                keys.reload();
            }
        } catch (IOException e) {
            LOG.warn("event=dkim-keys-unreadable reason=\"{}\"", Failures.text(e));
            return;
        }
        for (DkimKey key : keys.all()) {
            if (key.waiting()) {
                dns.txt(key.recordName())
                        .thenAcceptAsync(answer -> judge(key, answer), executor)
                        .exceptionally(failure -> {
                            LOG.warn(
                                    "event=dkim-key-waits key={} reason=\"{}\"",
                                    key.recordName(),
                                    Failures.text(failure));
                            return null;
                        });
            }
        }
    }

    private void judge(DkimKey key, DnsAnswer<String> answer) {
        try {
            if (answer instanceof DnsAnswer.Found<String> found && key.isPublishedIn(found.records())) {
                LOG.info("event=dkim-key-activated key={} from={}", key.recordName(), keys.activate(key));
            } else {
                LOG.info("event=dkim-key-waits key={} reason=\"{}\"", key.recordName(), Lookups.words(answer));
            }
        } catch (IOException | GeneralSecurityException e) {
            LOG.warn("event=dkim-key-waits key={} reason=\"{}\"", key.recordName(), Failures.text(e));
        }
    }
}
