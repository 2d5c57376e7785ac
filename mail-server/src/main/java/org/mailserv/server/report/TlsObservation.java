package org.mailserv.server.report;

import org.jspecify.annotations.Nullable;

/**
 * A session to another server, for the TLS report to the domain of the recipients. RFC 8460, 4.
 *
 * @param policy the policy that asked for TLS
 * @param host the name of the server
 * @param address its IP address
 * @param failure the failure, or null for a successful session
 * @param reason the text of the failure; empty for a successful session
 */
public record TlsObservation(
        String domain,
        Policy policy,
        String host,
        String address,
        @Nullable TlsResult failure,
        String reason) {
    /** The kinds of policies. RFC 8460, 4.4. */
    public enum Policy {
        /** DANE. RFC 7672. */
        TLSA("tlsa"),
        /** MTA-STS. RFC 8461. */
        STS("sts");

        private final String label;

        Policy(String label) {
            this.label = label;
        }

        /** Returns the name in reports. */
        public String label() {
            return label;
        }
    }

    /** Returns the row of the file of observations. */
    String[] row() {
        return new String[] {domain, policy.label(), host, address, failure == null ? "" : failure.label(), reason};
    }
}
