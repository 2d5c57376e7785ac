package org.mailserv.app.server;

import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import org.mailserv.acme.AcmeStatus;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.CertificateOrder;
import org.mailserv.app.api.CertificateReport;
import org.mailserv.app.api.Json;
import org.mailserv.app.config.StartupException;
import org.mailserv.server.tls.ServerTls;

/** The calls of the API for the certificates in use, their renewal and the change of their key. */
final class CertificateCalls {
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
        String state = acme.flatMap(AcmeStage::status)
                .map(status -> status.describe(Instant.now()))
                .orElse("");
        String text = tls.map(CertificateList::of).orElse("no listener uses TLS\n") + state;
        return new CertificateReport(text.lines().toList(), AcmeStage.warnings(acme));
    }

    private CertificateReport order(CertificateOrder request) throws ApiException, StartupException {
        CertificateOrder.Action order = request.order();
        if (order == null) {
            throw ApiException.malformed("order: missing (expected: "
                    + Arrays.stream(CertificateOrder.Action.values())
                            .map(Json::label)
                            .collect(Collectors.joining(", "))
                    + ")");
        } else if (acme.isEmpty()) {
            throw new ApiException(
                    ApiException.Kind.CONFLICT, "this server does not request certificates (tls.acme.enabled = false)");
        }
        AcmeStatus status = acme.get().act(order);
        if (!status.problem().isEmpty()) {
            throw new ApiException(ApiException.Kind.CONFLICT, status.describe(Instant.now()));
        }
        return report();
    }
}
