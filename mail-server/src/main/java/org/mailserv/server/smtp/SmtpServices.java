package org.mailserv.server.smtp;

import java.time.InstantSource;
import org.mailserv.server.delivery.MessageAcceptor;
import org.mailserv.server.delivery.RecipientRouter;
import org.mailserv.server.spool.Spool;

/**
 * What all sessions share.
 *
 * @param hostname in the greeting and in Received
 */
public record SmtpServices(
        String hostname,
        SmtpConfig config,
        Spool spool,
        RecipientRouter router,
        MessageAcceptor acceptor,
        InstantSource clock) {}
