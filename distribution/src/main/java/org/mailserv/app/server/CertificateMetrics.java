package org.mailserv.app.server;

import java.util.List;
import java.util.Optional;
import org.mailserv.acme.AcmeStatus;
import org.mailserv.server.tls.ServerTls;

/** The certificates in numbers, in Prometheus' text format. */
final class CertificateMetrics {
    private CertificateMetrics() {}

    static String write(List<ServerTls.CertificateView> certificates, Optional<AcmeStatus> acme) {
        StringBuilder text = new StringBuilder();
        if (!certificates.isEmpty()) {
            head(text, "mailserv_certificate_expiry_timestamp_seconds", "End of a certificate in use, in Unix time.");
        }
        for (ServerTls.CertificateView view : certificates) {
            text.append("mailserv_certificate_expiry_timestamp_seconds{file=\"")
                    .append(view.file().toString().replaceAll("[\\\\\"\\n]", "_"))
                    .append("\"} ")
                    .append(view.notAfter().getEpochSecond())
                    .append('\n');
        }
        acme.ifPresent(status -> {
            head(text, "mailserv_acme_failures", "Failed attempts to get a certificate since the last success.");
            text.append("mailserv_acme_failures ").append(status.failures()).append('\n');
            head(text, "mailserv_acme_names_left_out", "Names that the CA could not validate.");
            text.append("mailserv_acme_names_left_out ")
                    .append(status.leftOut().size())
                    .append('\n');
        });
        return text.toString();
    }

    private static void head(StringBuilder text, String name, String help) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(" gauge\n");
    }
}
