package org.mailserv.server.report;

import java.util.List;
import java.util.Locale;
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
        String reason) implements Observation {
    private static final int COLUMNS = 6;

    /** The kinds of policies. RFC 8460, 4.4. */
    public enum Policy {
        /** DANE. RFC 7672. */
        TLSA,
        /** MTA-STS. RFC 8461. */
        STS;

        /** Returns the name in reports. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Override
    public Kind kind() {
        return Kind.TLS;
    }

    @Override
    public List<String> columns() {
        return List.of(domain, policy.label(), host, address, failure == null ? "" : failure.label(), reason);
    }

    /** Reads the columns of a line; returns null if they are not an observation. */
    static @Nullable TlsObservation parse(List<String> columns) {
        if (columns.size() != COLUMNS) {
            return null;
        }
        try {
            String failure = columns.get(4);
            return new TlsObservation(
                    columns.get(0),
                    Policy.valueOf(columns.get(1).toUpperCase(Locale.ROOT)),
                    columns.get(2),
                    columns.get(3),
                    failure.isEmpty() ? null : TlsResult.of(failure),
                    columns.get(5));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
