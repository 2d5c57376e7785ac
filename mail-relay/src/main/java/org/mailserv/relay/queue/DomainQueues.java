package org.mailserv.relay.queue;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.spool.Recipient;

/** The queues of all domains that mail waits for. */
final class DomainQueues {
    private final Map<String, DomainQueue> byDomain = new HashMap<>();

    /** Returns the domain that determines a recipient's destination; empty for a local mailbox. */
    static String domainOf(Recipient recipient) {
        return recipient.isLocal() ? DomainQueue.LOCAL : recipient.address().domain();
    }

    DomainQueue of(String domain) {
        return byDomain.computeIfAbsent(domain, DomainQueue::new);
    }

    @Nullable
    DomainQueue find(String domain) {
        return byDomain.get(domain);
    }

    /** Drops the queue of a domain that nothing waits for. */
    void left(DomainQueue domain) {
        if (domain.entries == 0 && !domain.resolving) {
            byDomain.remove(domain.name, domain);
        }
    }

    Iterable<DomainQueue> all() {
        return byDomain.values();
    }
}
