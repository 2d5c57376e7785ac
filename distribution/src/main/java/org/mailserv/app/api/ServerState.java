package org.mailserv.app.api;

import java.time.Instant;
import java.util.List;

/**
 * The state of the server in short.
 *
 * @param trouble the reason why no mail can be received, or an empty text
 * @param since the time of the start
 * @param queued the number of messages in the queue
 * @param sessions the number of open sessions
 * @param braked accounts whose outgoing mail is on hold
 * @param certificateWarnings problems of the certificate, with remedies; empty if all is well
 * @param dns the configured name servers; empty for those of the host
 */
public record ServerState(
        String host,
        String version,
        Instant since,
        String trouble,
        int queued,
        int sessions,
        List<String> braked,
        List<String> dns,
        List<CertificateInfo> certificates,
        List<String> certificateWarnings) {
    /** A certificate in use. */
    public record CertificateInfo(List<String> names, Instant notAfter, String file) {}
}
