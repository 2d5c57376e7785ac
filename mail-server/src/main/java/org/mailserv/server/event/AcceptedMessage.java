package org.mailserv.server.event;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.Recipient;

/**
 * A message that was stored.
 *
 * @param origin the session and address of the client; null for the pickup directory
 * @param file the name of the file in the pickup directory; null for other sources
 * @param octets the length of the content as received
 * @param subject the decoded subject on one line, shortened; null if there is none
 */
public record AcceptedMessage(
        MessageSource source,
        @Nullable ClientSession origin,
        @Nullable String file,
        QueueId id,
        ReversePath sender,
        List<Recipient> recipients,
        long octets,
        @Nullable String subject) {}
