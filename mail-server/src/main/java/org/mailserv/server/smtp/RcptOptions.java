package org.mailserv.server.smtp;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.spool.Notify;

/** The options of one recipient that the parameters of its RCPT command set. RFC 3461, 4.1 and 4.2. */
final class RcptOptions {
    /** The address type and the original recipient in xtext; null if the client did not say. */
    @Nullable
    String originalRecipient;

    /** The events to notify the sender of: empty for NEVER, null if the client did not say. */
    @Nullable
    Set<Notify> notifyOn;
}
