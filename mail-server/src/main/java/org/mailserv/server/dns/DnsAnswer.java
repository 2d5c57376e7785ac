package org.mailserv.server.dns;

import java.time.Duration;
import java.util.List;

/**
 * The answer to a DNS query. It distinguishes permanent negative answers from temporary failures, which decides
 * whether mail is rejected or deferred.
 */
public sealed interface DnsAnswer<T> {
    /**
     * An answer with records.
     *
     * @param records at least one
     * @param authenticated whether a resolver configured as trusted has validated the answer (AD). RFC 4035, 3.2.3
     * @param ttl time for which it may be cached
     * @param owner the owner of the records if an alias (CNAME) was followed; otherwise empty
     */
    record Found<T>(List<T> records, boolean authenticated, Duration ttl, String owner) implements DnsAnswer<T> {
        public Found {
            records = List.copyOf(records);
        }

        /** Creates an answer whose records belong to the queried name. */
        public Found(List<T> records, boolean authenticated, Duration ttl) {
            this(records, authenticated, ttl, "");
        }
    }

    /** The name exists but has no records of this type (NODATA). */
    record NoData<T>(boolean authenticated) implements DnsAnswer<T> {}

    /** The name does not exist (NXDOMAIN). */
    record NoSuchDomain<T>(boolean authenticated) implements DnsAnswer<T> {}

    /** The query failed: SERVFAIL, REFUSED, a timeout, an unreachable server, or a malformed answer. */
    record TemporaryFailure<T>(String reason) implements DnsAnswer<T> {}
}
