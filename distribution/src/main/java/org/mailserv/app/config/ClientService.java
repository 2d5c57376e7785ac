package org.mailserv.app.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.tls.TlsMode;

/**
 * A service for mail programs, as autoconfig, autodiscover and SRV records announce it.
 *
 * @param host the name that mail programs connect to
 * @param tls the way in which TLS starts
 */
public record ClientService(Protocol protocol, String host, int port, TlsMode tls) {
    /** The protocols of mail programs. */
    public enum Protocol {
        IMAP,
        POP3,
        SMTP;

        /** Returns the name of the protocol in lower case, as configuration formats write it. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** Returns whether mail programs fetch mail by this protocol. */
        public boolean isIncoming() {
            return this != SMTP;
        }
    }

    /**
     * Returns the services of a configuration in the order in which mail programs should try them: IMAP, POP3, then SMTP, each with implicit
     * TLS first. RFC 8314, 3.
     */
    public static List<ClientService> of(MailservConfig config) {
        List<ClientService> services = new ArrayList<>();
        ImapSettings imap = config.imap();
        if (imap.host() != null) {
            services.add(new ClientService(Protocol.IMAP, imap.host(), imap.effectivePort(), imap.tls()));
        }
        for (MailservConfig.ListenerConfig listener : config.listeners()) {
            if (listener.kind().isPop3() || listener.kind().isSubmission()) {
                Protocol protocol = listener.kind().isPop3() ? Protocol.POP3 : Protocol.SMTP;
                services.add(
                        new ClientService(protocol, config.hostname(), listener.effectivePort(), listener.tlsMode()));
            }
        }
        services.sort(Comparator.comparing(ClientService::protocol)
                .thenComparing(service -> service.tls() != TlsMode.IMPLICIT));
        return services;
    }

    /** Returns the first labels of the service's SRV record, such as {@code _imaps._tcp}. RFC 6186, 3; RFC 8314, 5.1. */
    public String srvLabels() {
        String name = protocol == Protocol.SMTP ? "submission" : protocol.word();
        return "_" + name + (tls == TlsMode.IMPLICIT ? "s" : "") + "._tcp";
    }

    /** Returns whether an SRV record points to this service. */
    public boolean isAnnouncedBy(Dns.SrvRecord announced) {
        return announced.port() == port && announced.target().equalsIgnoreCase(host);
    }

    /** Returns the service's SRV record for a domain, as a line of a zone file. */
    public String srvRecord(String domain) {
        return srvLabels() + "." + domain + ". IN SRV 0 1 " + port + " " + host + ".";
    }
}
