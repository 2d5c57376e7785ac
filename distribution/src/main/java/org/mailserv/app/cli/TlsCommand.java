package org.mailserv.app.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Call;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.CertificateOrder;
import org.mailserv.app.api.CertificateReport;
import org.mailserv.app.api.Json;
import org.mailserv.app.api.Nothing;
import org.mailserv.app.config.StartupException;
import org.mailserv.server.config.ConfigurationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code mailserv tls}: the certificates of the running server, their renewal and the change of their key. */
@Command(
        name = "tls",
        description = "Shows the certificates in use, their TLSA records, and the state of ACME.",
        mixinStandardHelpOptions = true)
public final class TlsCommand extends Subcommand implements Callable<Integer> {
    @Option(names = "--json", description = JsonLines.HELP)
    private boolean json;

    @Override
    public Integer call() throws ConfigurationException, StartupException {
        return ask(Calls.CERTIFICATES, Nothing.NOTHING);
    }

    @Command(
            name = "renew",
            description =
                    "Requests a certificate by ACME now, and waits for it. Use it after a repair: renewals come by"
                            + " themselves.",
            mixinStandardHelpOptions = true)
    int renew(@Option(names = "--json", description = JsonLines.HELP) boolean asJson)
            throws ConfigurationException, StartupException {
        json |= asJson;
        return ask(Calls.ORDER_CERTIFICATE, new CertificateOrder(CertificateOrder.Action.RENEW));
    }

    @Command(
            name = "rollover",
            description =
                    "Begins a change of the certificate's key, and shows the TLSA record to publish. The key changes"
                            + " once the record has been in the DNS for tls.acme.rollover.delay.",
            mixinStandardHelpOptions = true)
    int rollOver(
            @Option(
                            names = "--now",
                            description =
                                    "Changes the key at once, for a key that is not secret any more. With TLSA records"
                                            + " that lack the next key, other servers stop sending until the new record is"
                                            + " in their caches.")
                    boolean now,
            @Option(names = "--json", description = JsonLines.HELP) boolean asJson)
            throws ConfigurationException, StartupException {
        json |= asJson;
        CertificateOrder.Action order = now ? CertificateOrder.Action.ROLLOVER_NOW : CertificateOrder.Action.ROLLOVER;
        return ask(Calls.ORDER_CERTIFICATE, new CertificateOrder(order));
    }

    private <Q extends Record> int ask(Call<Q, CertificateReport> call, Q request)
            throws ConfigurationException, StartupException {
        try {
            CertificateReport report = server(config()).ask(call, request);
            (json ? List.of(Json.write(report)) : report.lines()).forEach(out()::println);
            out().flush();
            return 0;
        } catch (ApiException e) {
            err().println("failed: " + e.getMessage());
            err().flush();
            return 1;
        }
    }
}
