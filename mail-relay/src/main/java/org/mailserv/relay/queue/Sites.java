package org.mailserv.relay.queue;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.spool.Recipient;

/** All domains that mail waits for. */
final class Sites {
    private final Map<String, Site> byDomain = new HashMap<>();

    /** Returns the domain that determines a recipient's destination; empty for a local mailbox. */
    static String domainOf(Recipient recipient) {
        return recipient.isLocal() ? Site.LOCAL : recipient.address().domain();
    }

    Site of(String domain) {
        return byDomain.computeIfAbsent(domain, Site::new);
    }

    @Nullable
    Site find(String domain) {
        return byDomain.get(domain);
    }

    /** Drops a site that nothing waits for. */
    void left(Site site) {
        if (site.entries == 0 && !site.resolving) {
            byDomain.remove(site.domain, site);
        }
    }

    Iterable<Site> all() {
        return byDomain.values();
    }
}
