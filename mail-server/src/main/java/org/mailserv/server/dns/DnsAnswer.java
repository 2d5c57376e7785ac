package org.mailserv.server.dns;

import java.time.Duration;
import java.util.List;

/** What the DNS said: for mail it matters most whether a "no" is for good or for now. */
public sealed interface DnsAnswer<T> {
    /**
     * There are records.
     *
     * @param records at least one
     * @param authenticated whether a resolver that is declared trusted has validated the answer (AD). RFC 4035, 3.2.3
     * @param ttl how long it may be kept
     * @param owner the name that has the records, where an alias (CNAME) led to it; else empty
     */
    record Found<T>(List<T> records, boolean authenticated, Duration ttl, String owner) implements DnsAnswer<T> {
        public Found {
            records = List.copyOf(records);
        }

        /** Creates an answer of the name itself. */
        public Found(List<T> records, boolean authenticated, Duration ttl) {
            this(records, authenticated, ttl, "");
        }
    }

    /** The name exists, without records of this type. */
    record NoData<T>(boolean authenticated) implements DnsAnswer<T> {}

    /** There is no such name: NXDOMAIN. */
    record NoSuchDomain<T>(boolean authenticated) implements DnsAnswer<T> {}

    /** SERVFAIL, REFUSED, time-outs, no server reached, an answer that makes no sense. */
    record TemporaryFailure<T>(String reason) implements DnsAnswer<T> {}
}
