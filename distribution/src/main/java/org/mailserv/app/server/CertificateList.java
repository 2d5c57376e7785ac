package org.mailserv.app.server;

import java.time.temporal.ChronoUnit;
import org.mailserv.acme.TlsaRecord;
import org.mailserv.server.tls.ServerTls;

/** The certificates in use, as lines for an operator. */
final class CertificateList {
    private CertificateList() {}

    static String of(ServerTls tls) {
        StringBuilder text = new StringBuilder();
        for (ServerTls.CertificateView view : tls.certificates()) {
            text.append(view.file())
                    .append("\n  names:       ")
                    .append(String.join(", ", view.names()))
                    .append("\n  valid until: ")
                    .append(view.notAfter()
                            .truncatedTo(ChronoUnit.MINUTES)
                            .toString()
                            .replace("T", " ")
                            .replace(":00Z", " UTC"))
                    .append("\n  TLSA:        3 1 1 ")
                    .append(TlsaRecord.hash(view.certificate().getPublicKey()))
                    .append('\n');
        }
        return text.toString();
    }
}
