package org.mailserv.server.smtp;

import java.net.InetAddress;
import java.time.InstantSource;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import org.mailserv.server.account.AccountStore;
import org.mailserv.server.check.MessageChecks;
import org.mailserv.server.check.reputation.SendingLimits;
import org.mailserv.server.delivery.MessageAcceptor;
import org.mailserv.server.delivery.RecipientRouter;
import org.mailserv.server.dns.ClientNames;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.net.TrustedGateways;
import org.mailserv.server.sasl.LoginGuard;
import org.mailserv.server.sasl.Sasl;
import org.mailserv.server.spool.Spool;

/**
 * The dependencies that all sessions share.
 *
 * @param hostname the name in the greeting and in Received
 * @param etrn starts a delivery attempt for all mail that is queued for a domain (RFC 1985); does not block
 * @param clientNames looks up the forward-confirmed name of a client
 * @param limits rate limits for senders
 * @param gateways detects gateways in trusted networks that must not be trusted
 * @param events receives what happens to messages and logins
 */
public record SmtpServices(
        String hostname,
        SmtpConfig config,
        Spool spool,
        AccountStore accounts,
        RecipientRouter router,
        MessageAcceptor acceptor,
        Sasl sasl,
        LoginGuard guard,
        Consumer<String> etrn,
        Function<InetAddress, CompletionStage<ClientNames.Answer>> clientNames,
        MessageChecks checks,
        SendingLimits limits,
        TrustedGateways gateways,
        MailEvents events,
        InstantSource clock) {}
