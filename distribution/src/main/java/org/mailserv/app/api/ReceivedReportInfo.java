package org.mailserv.app.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An aggregate report of another server about a local domain. Its content is as unreliable as its sender.
 *
 * @param organization the reporter, as it calls itself
 * @param domain the local domain
 * @param begin the start of the reported period
 * @param end the end of the reported period
 * @param policy the DMARC policy that the reporter saw; null in a TLS report
 * @param passed the number of messages that passed DMARC, or of sessions with TLS
 * @param failed the number of the others
 * @param failures where it failed, those with the highest counts first, at most 50
 */
public record ReceivedReportInfo(
        Kind kind,
        String organization,
        String domain,
        Instant begin,
        Instant end,
        @Nullable String policy,
        long passed,
        long failed,
        List<ReportedFailure> failures)
        implements DomainItem {
    /** Kinds of reports. */
    public enum Kind {
        /** Messages in the name of the domain. RFC 9990. */
        DMARC,
        /** Sessions with the servers of the domain. RFC 8460. */
        TLS
    }

    /**
     * A failure that was counted.
     *
     * @param source of DMARC the address that sent the messages; of TLS the server that was connected to, or an empty text
     * @param result of DMARC the reporter's action ({@code none}, {@code quarantine}, {@code reject}); of TLS the kind of failure
     */
    public record ReportedFailure(String source, String result, long count) {}

    @Override
    public String ofDomain() {
        return domain;
    }
}
