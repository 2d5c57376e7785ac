package org.mailserv.relay.queue;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.mailserv.relay.route.Destination;
import org.mailserv.relay.smtp.Outcome;
import org.mailserv.server.text.Durations;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Determines the destinations of domains. A domain whose hosts cannot be determined backs off; one that has none has its mail bounced.
 * Confined to the relay's loop.
 */
final class DomainResolver {
    private static final Logger LOG = LoggerFactory.getLogger(DomainResolver.class);
    private static final Duration KEEP_ROUTE = Duration.ofSeconds(30);

    private final RelayLoop loop;
    private final RetrySchedule schedule;
    private final Function<String, CompletionStage<Destination>> router;
    private final Undeliverable undeliverable;
    private final BiConsumer<DomainQueue, Destination.Hosts> found;
    private final Consumer<DomainQueue> again;

    /**
     * @param found receives a domain and its hosts, which are valid until {@link DomainQueue#resolvedUntil}
     * @param again receives a domain whose back-off is over
     */
    DomainResolver(
            RelayLoop loop,
            RetrySchedule schedule,
            Function<String, CompletionStage<Destination>> router,
            Undeliverable undeliverable,
            BiConsumer<DomainQueue, Destination.Hosts> found,
            Consumer<DomainQueue> again) {
        this.loop = loop;
        this.schedule = schedule;
        this.router = router;
        this.undeliverable = undeliverable;
        this.found = found;
        this.again = again;
    }

    /** Begins a lookup, unless one is in progress. */
    void resolve(DomainQueue domain) {
        if (domain.resolving) {
            return;
        }
        domain.resolving = true;
        router.apply(domain.name)
                .whenComplete((destination, failure) -> loop.execute(() -> resolved(
                        domain,
                        destination != null
                                ? destination
                                : new Destination.None(
                                        Outcome.deferred(4, 3, "").status(), "the route failed: " + failure))));
    }

    private void resolved(DomainQueue domain, Destination destination) {
        domain.resolving = false;
        if (destination instanceof Destination.Hosts hosts) {
            domain.failures = 0;
            domain.problem = null;
            domain.resolvedUntil = loop.now().plus(KEEP_ROUTE).toEpochMilli();
            found.accept(domain, hosts);
        } else if (destination instanceof Destination.None none) {
            unreachable(domain, none);
        }
    }

    private void unreachable(DomainQueue domain, Destination.None none) {
        String text = none.status() + " " + none.text();
        if (none.isPermanent()) {
            undeliverable.refuseAll(domain, new Problem(null, new Outcome.Failed(none.status(), text)));
            return;
        }
        Problem problem = new Problem(null, new Outcome.Deferred(none.status(), text));
        Duration wait = schedule.after(domain.failures + 1);
        domain.failed(problem, loop.now().toEpochMilli(), wait);
        LOG.info("event=domain-deferred domain={} wait=\"{}\" reason=\"{}\"", domain.name, Durations.text(wait), text);
        QueueEntry first = domain.poll();
        if (first != null) {
            undeliverable.defer(first, problem);
        }
        undeliverable.retryLater(domain, wait, () -> {
            domain.blockedUntil = 0;
            again.accept(domain);
        });
    }
}
