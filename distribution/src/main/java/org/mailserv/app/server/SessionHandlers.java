package org.mailserv.app.server;

import io.netty.channel.ChannelHandler;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.pop3.Pop3ChannelInitializer;
import org.mailserv.pop3.Pop3Login;
import org.mailserv.server.account.AccountStore;
import org.mailserv.server.account.AppPassword;
import org.mailserv.server.dns.ClientNames;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.net.CidrSet;
import org.mailserv.server.net.SessionRegistry;
import org.mailserv.server.net.TrustedGateways;
import org.mailserv.server.sasl.SaslMechanisms;
import org.mailserv.server.smtp.SmtpChannelInitializer;
import org.mailserv.server.smtp.SmtpEndpoint;
import org.mailserv.server.smtp.SmtpServices;
import org.mailserv.server.tls.ServerTls;

/** Creates the handlers that serve SMTP and POP3 connections, for the settings of a start or a reload. */
final class SessionHandlers {
    // The reply to a message waits for the client's host name at most this long.
    private static final Duration PTR_TIMEOUT = Duration.ofSeconds(5);

    private final AccountStage accounts;
    private final StoreStage store;
    private final CheckStage checks;
    private final RelayStage relay;
    private final Dns dns;
    private final Optional<ServerTls> tls;
    private final SessionRegistry sessions;
    private final TrustedGateways gateways;
    private final MailEvents events;

    SessionHandlers(
            AccountStage accounts,
            StoreStage store,
            CheckStage checks,
            RelayStage relay,
            Dns dns,
            Optional<ServerTls> tls,
            SessionRegistry sessions,
            TrustedGateways gateways,
            MailEvents events) {
        this.accounts = accounts;
        this.store = store;
        this.checks = checks;
        this.relay = relay;
        this.dns = dns;
        this.tls = tls;
        this.sessions = sessions;
        this.gateways = gateways;
        this.events = events;
    }

    /** Returns the handler for each listener under these settings. */
    Function<MailservConfig.ListenerConfig, ChannelHandler> of(MailservConfig settings) {
        SmtpServices smtp = smtp(settings);
        SmtpChannelInitializer.Networks networks = new SmtpChannelInitializer.Networks(
                CidrSet.parse(settings.relayNetworks()),
                CidrSet.parse(settings.plaintextAuthNetworks()),
                CidrSet.parse(settings.xclientNetworks()));
        return listener -> listener.kind().isPop3()
                ? pop3(settings, listener)
                : new SmtpChannelInitializer(smtp, endpoint(listener), networks, tls.orElse(null), sessions);
    }

    private SmtpServices smtp(MailservConfig settings) {
        AccountStore logins = accounts.accounts(AppPassword.Scope.SMTP);
        return new SmtpServices(
                settings.hostname(),
                settings.smtp(),
                store.spool(),
                logins,
                relay.recipients(),
                relay.acceptor(),
                new SaslMechanisms(logins),
                accounts.throttle(),
                relay.relay()::retryDomain,
                new ClientNames(dns, PTR_TIMEOUT)::find,
                checks.checks(settings),
                checks.limits(),
                gateways,
                events,
                InstantSource.system());
    }

    private static SmtpEndpoint endpoint(MailservConfig.ListenerConfig listener) {
        SmtpEndpoint.Kind kind = listener.kind().isSubmission()
                ? SmtpEndpoint.Kind.SUBMISSION
                : listener.kind() == MailservConfig.Kind.LMTP ? SmtpEndpoint.Kind.LMTP : SmtpEndpoint.Kind.SMTP;
        return new SmtpEndpoint(kind, listener.tlsMode(), listener.hasAuth());
    }

    private Pop3ChannelInitializer pop3(MailservConfig settings, MailservConfig.ListenerConfig listener) {
        AccountStore logins = accounts.accounts(AppPassword.Scope.POP3);
        Pop3Login.Services services = new Pop3Login.Services(
                settings.pop3().config(),
                logins,
                store.mailboxes(),
                accounts.throttle(),
                new SaslMechanisms(logins),
                events);
        return new Pop3ChannelInitializer(
                services,
                settings.hostname(),
                CidrSet.parse(settings.pop3().plaintextNetworks()),
                CidrSet.parse(settings.pop3().passwordlessNetworks()),
                listener.tlsMode(),
                tls.orElse(null),
                store.mailboxReader(),
                sessions);
    }
}
