package org.mailserv.app.api;

import org.jspecify.annotations.Nullable;

/** An order for the certificate that the server requests itself: {@code renew}, {@code rollover} or {@code rollover-now}. */
public record CertificateOrder(@Nullable String order) implements Audited {
    @Override
    public String auditText() {
        return "order=" + order;
    }
}
