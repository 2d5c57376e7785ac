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
import org.mailserv.server.net.TrustedGateways;
import org.mailserv.server.sasl.LoginGuard;
import org.mailserv.server.sasl.Sasl;
import org.mailserv.server.spool.Spool;

/**
 * What all sessions share.
 *
 * @param hostname in the greeting and in Received
 * @param etrn begins a try for all that waits for a domain (RFC 1985); returns at once
 * @param clientNames finds the confirmed name of a client
 * @param limits how much somebody may send
 * @param gateways finds addresses that are trusted and should not be
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
        InstantSource clock) {}
