package org.mailserv.relay.bounce;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.spool.Notify;
import org.mailserv.server.spool.StoredMessage;

/**
 * A notification to the sender of a message.
 *
 * @param kind the kind of notification
 * @param message the message; it stays open until the notice is committed
 * @param reports the affected recipients, at least one
 * @param willRetryUntil the time until which delivery is retried, for DELAYED
 */
public record Notice(
        Kind kind,
        StoredMessage message,
        List<Report> reports,
        @Nullable Instant willRetryUntil) {
    /** The kinds of notification, one for each DSN action. RFC 3464, 2.3.3. */
    public enum Kind {
        FAILED("failed", Notify.FAILURE),
        DELAYED("delayed", Notify.DELAY),
        /** Delivered to a local mailbox. */
        DELIVERED("delivered", Notify.SUCCESS),
        /** Delivered to all members of a local list or alias. */
        EXPANDED("expanded", Notify.SUCCESS),
        /** Relayed to a server that does not send success notices. */
        RELAYED("relayed", Notify.SUCCESS);

        private final String action;
        private final Notify event;

        Kind(String action, Notify event) {
            this.action = action;
            this.event = event;
        }

        /** Returns the value of the Action field. */
        public String action() {
            return action;
        }

        /** Returns the NOTIFY condition of this kind. */
        public Notify event() {
            return event;
        }
    }

    public Notice {
        reports = List.copyOf(reports);
    }
}
