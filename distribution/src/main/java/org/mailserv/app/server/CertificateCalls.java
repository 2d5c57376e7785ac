package org.mailserv.app.server;

import java.util.List;
import java.util.Optional;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.CertificateOrder;
import org.mailserv.app.api.CertificateReport;
import org.mailserv.app.config.StartupException;
import org.mailserv.server.tls.ServerTls;

/** The calls of the API for the certificates in use, their renewal and the change of their key. */
final class CertificateCalls {
    private static final List<String> ORDERS = List.of("renew", "rollover", "rollover-now");

    private final Optional<ServerTls> tls;
    private final Optional<AcmeStage> acme;

    CertificateCalls(Optional<ServerTls> tls, Optional<AcmeStage> acme) {
        this.tls = tls;
        this.acme = acme;
    }

    void register(ApiHandlers api) {
        api.on(Calls.CERTIFICATES, (request, by) -> report())
                .on(Calls.ORDER_CERTIFICATE, (request, by) -> order(request));
    }

    private CertificateReport report() throws StartupException {
        String state = acme.isPresent() && tls.isPresent() ? acme.get().act("") : "";
        String text = tls.map(CertificateList::of).orElse("no listener uses TLS\n") + state;
        return new CertificateReport(text.lines().toList(), AcmeStage.warnings(acme));
    }

    private CertificateReport order(CertificateOrder request) throws ApiException, StartupException {
        String order = request.order();
        if (order == null || !ORDERS.contains(order)) {
            throw ApiException.malformed("order: unknown (expected: " + String.join(", ", ORDERS) + ")");
        } else if (acme.isEmpty()) {
            throw new ApiException(
                    ApiException.Kind.CONFLICT, "this server does not request certificates (tls.acme.enabled = false)");
        }
        String state = acme.get().act(order);
        if (state.startsWith(AcmeStage.FAILED)) {
            throw new ApiException(ApiException.Kind.CONFLICT, state.substring(AcmeStage.FAILED.length()));
        }
        return report();
    }
}
