package org.mailserv.server.pickup;

import java.time.InstantSource;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.mailserv.server.delivery.MessageAcceptor;
import org.mailserv.server.delivery.RecipientRouter;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.spool.Spool;

/**
 * The dependencies and settings of the pickup folder.
 *
 * @param hostname written into Received and Message-ID
 * @param domain supplies the current domain for addresses without one
 * @param maxMessageSize supplies the current size limit of a file, in octets
 * @param events receives accepted messages
 * @param returned notifies senders of recipients that are refused
 */
public record PickupServices(
        Disk disk,
        PickupConfig config,
        String hostname,
        Supplier<String> domain,
        LongSupplier maxMessageSize,
        Spool spool,
        RecipientRouter router,
        MessageAcceptor acceptor,
        ReturnedMail returned,
        MailEvents events,
        InstantSource clock) {}
