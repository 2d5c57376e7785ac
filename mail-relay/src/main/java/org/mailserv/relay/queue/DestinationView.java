package org.mailserv.relay.queue;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The state of the destination of a domain, as it is shown.
 *
 * @param backOffUntil the time before which it is not tried; null if it does not back off
 * @param failures attempts that have failed in a row
 * @param failingSince the time of the first of them; null without failures
 * @param connections open connections
 * @param tls the TLS of the last connection; null if there was none since mail began to wait
 */
public record DestinationView(
        @Nullable Instant backOffUntil,
        int failures,
        @Nullable Instant failingSince,
        int connections,
        @Nullable TlsUse tls) {

    /**
     * Returns the state of a domain.
     *
     * @param now milliseconds since 1970
     */
    static DestinationView of(DomainQueue domain, long now) {
        DestinationQueue queue = domain.queue;
        Backoff backoff = Backoff.of(domain, now);
        FailureHistory failing = domain.failures > 0 || queue == null ? domain : queue;
        return new DestinationView(
                backoff == null ? null : backoff.until(),
                failing.failures,
                failing.failures == 0 ? null : Instant.ofEpochMilli(failing.failingSince),
                queue == null ? 0 : queue.connections.size(),
                queue == null ? null : queue.tls);
    }
}
