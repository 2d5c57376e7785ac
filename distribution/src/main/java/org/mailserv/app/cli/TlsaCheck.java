package org.mailserv.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PublicKey;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.acme.TlsaRecord;
import org.mailserv.acme.files.AcmeFolder;
import org.mailserv.acme.files.HeldCertificate;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.server.Lookups;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.dns.DnsAnswer;
import org.mailserv.server.tls.ServerTls;

/** Compares the published TLSA records (DANE) with the keys of this server. */
final class TlsaCheck {
    private final MailservConfig config;
    private final Dns dns;

    TlsaCheck(MailservConfig config, Dns dns) {
        this.config = config;
        this.dns = dns;
    }

    /** Receives the results. */
    interface Report {
        void good(String what, String found);

        void note(String what, String text);

        void bad(String what, String found, String meaning);
    }

    /** Reports the result of the comparison. Without published records there is none: DANE is optional. Blocks. */
    void run(Report report) throws StartupException {
        String owner = TlsaRecord.ownerOf(config.hostname());
        DnsAnswer<Dns.TlsaRecord> answer = Lookups.await(dns.tlsa(owner));
        if (!(answer instanceof DnsAnswer.Found<Dns.TlsaRecord> found)) {
            return;
        }
        TlsaRecord current;
        TlsaRecord next;
        try {
            PublicKey key = key();
            current = key == null ? null : TlsaRecord.of(config.hostname(), key);
            KeyPair coming = config.tls().acme().enabled() ? folder().existingNextKey() : null;
            next = coming == null ? null : TlsaRecord.of(config.hostname(), coming.getPublic());
        } catch (IOException e) {
            report.note(owner + " TLSA", "not compared: the certificate cannot be read by this user");
            return;
        }
        boolean ours = found.records().stream().allMatch(record -> record.usage() == 3 && record.selector() == 1);
        if (current != null && found.records().stream().anyMatch(current::isSame)) {
            report.good(owner + " TLSA", "the key in use");
        } else if (current != null && ours) {
            report.bad(
                    owner + " TLSA",
                    "not the key in use",
                    "servers that use DANE do not send mail here; publish: " + current);
        } else {
            report.note(owner + " TLSA", "not of the form 3 1 1, and not compared");
        }
        if (next != null && found.records().stream().noneMatch(next::isSame)) {
            report.note(owner + " TLSA", "before the key can change, publish also: " + next);
        }
    }

    private AcmeFolder folder() {
        Path tls = config.dataDir().toAbsolutePath().resolve("tls");
        return new AcmeFolder(tls, new RealDisk(), config.tls().acme().keyType());
    }

    /** Returns the key of the certificate for the host name, or null if the server has none but a self-signed one. */
    private @Nullable PublicKey key() throws IOException {
        List<ServerTls.CertificateView> configured = ServerTls.check(config.tls());
        if (!configured.isEmpty()) {
            return configured.get(0).certificate().getPublicKey();
        }
        HeldCertificate held = config.tls().acme().enabled() ? folder().certificate() : null;
        return held == null ? null : held.certificate().getPublicKey();
    }
}
