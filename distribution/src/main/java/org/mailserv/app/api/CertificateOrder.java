package org.mailserv.app.api;

import org.jspecify.annotations.Nullable;

/** An order for the certificate that the server requests itself. */
public record CertificateOrder(@Nullable Action order) implements Audited {
    /** The actions that can be ordered. */
    public enum Action {
        /** Requests a new certificate now. */
        RENEW,
        /** Begins a change of the key. */
        ROLLOVER,
        /** Changes the key without waiting for the DNS. */
        ROLLOVER_NOW
    }

    @Override
    public String auditText() {
        return "order=" + (order == null ? null : Json.label(order));
    }
}
