package org.mailserv.server.report.received;

import java.time.Instant;
import java.util.List;

/** An aggregate report of another server about mail from or to one of our domains. Its content is as unreliable as its sender. */
public sealed interface ReceivedReport {
    /** Returns the organization that sent the report, as it calls itself. */
    String organization();

    /** Returns the domain that the report is about. */
    String domain();

    /** Returns the start of the reported period. */
    Instant begin();

    /** Returns the end of the reported period. */
    Instant end();

    /**
     * A DMARC aggregate report. RFC 9990.
     *
     * @param policy the published policy as the reporter saw it: {@code none}, {@code quarantine} or {@code reject}
     */
    record Dmarc(String organization, String domain, Instant begin, Instant end, String policy, List<DmarcRow> rows)
            implements ReceivedReport {
        public Dmarc {
            rows = List.copyOf(rows);
        }
    }

    /**
     * The messages of one source.
     *
     * @param source the client's address
     * @param count number of messages
     * @param disposition the action of the reporter: {@code none}, {@code quarantine} or {@code reject}
     * @param dkim whether an aligned DKIM signature passed
     * @param spf whether SPF passed for an aligned domain
     * @param from the domain of the author
     */
    record DmarcRow(String source, long count, String disposition, boolean dkim, boolean spf, String from) {
        /** Returns whether DMARC passed. */
        public boolean passed() {
            return dkim || spf;
        }
    }

    /** A report about TLS connections to our servers. RFC 8460. */
    record Tls(
            String organization,
            String domain,
            Instant begin,
            Instant end,
            long successful,
            long failed,
            List<TlsFailure> failures)
            implements ReceivedReport {
        public Tls {
            failures = List.copyOf(failures);
        }
    }

    /**
     * The failed sessions of one kind.
     *
     * @param type the result type, such as {@code certificate-expired}. RFC 8460, 4.3
     * @param host the receiving MX host, or an empty string
     * @param count number of sessions
     */
    record TlsFailure(String type, String host, long count) {}
}
