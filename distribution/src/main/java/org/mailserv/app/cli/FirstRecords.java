package org.mailserv.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.mailserv.app.config.ClientService;
import org.mailserv.app.config.ClientService.Protocol;
import org.mailserv.server.check.dkim.DkimKey;
import org.mailserv.server.check.dkim.DkimKeys;
import org.mailserv.server.tls.TlsMode;

/** The DNS records of a new server, in the form of a zone file, with the DKIM keys that it creates for them. */
final class FirstRecords {
    private FirstRecords() {}

    /**
     * Creates DKIM keys, and returns the records to publish. Blocks.
     *
     * @param data the data folder, which receives the keys
     */
    static List<String> of(String host, List<String> domains, Path data) throws IOException, GeneralSecurityException {
        List<String> records = new ArrayList<>();
        records.add(host + ". IN A     <the address of this host>");
        DkimKeys keys = new DkimKeys(data.resolve("dkim"), InstantSource.system());
        for (String name : domains) {
            records.add(name + ". IN MX    10 " + host + ".");
            records.add(name + ". IN TXT   \"v=spf1 mx -all\"");
            records.add("_dmarc." + name + ". IN TXT   \"v=DMARC1; p=quarantine; rua=mailto:postmaster@" + name + "\"");
            records.add(new ClientService(Protocol.POP3, host, 995, TlsMode.IMPLICIT).srvRecord(name));
            records.add(new ClientService(Protocol.SMTP, host, 465, TlsMode.IMPLICIT).srvRecord(name));
            boolean first = keys.signing(name).isEmpty();
            for (DkimKey key : first ? keys.generate(name, Instant.now()) : keys.generateWaiting(name, Instant.now())) {
                records.add(DkimCommand.record(key));
            }
        }
        return records;
    }
}
