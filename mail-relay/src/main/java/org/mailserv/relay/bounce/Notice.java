package org.mailserv.relay.bounce;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.spool.Notify;
import org.mailserv.server.spool.StoredMessage;

/**
 * Something that the sender of a message is to be told of.
 *
 * @param kind what has happened
 * @param message which message; stays open until the notice is committed
 * @param reports recipients that it has happened to, at least one
 * @param willRetryUntil until when tries go on, for DELAYED
 */
public record Notice(
        Kind kind,
        StoredMessage message,
        List<Report> reports,
        @Nullable Instant willRetryUntil) {
    /** RFC 3464, 2.3.3. */
    public enum Kind {
        FAILED("failed", Notify.FAILURE),
        DELAYED("delayed", Notify.DELAY),
        /** Into a mailbox here. */
        DELIVERED("delivered", Notify.SUCCESS),
        /** To all recipients that an address here stands for. */
        EXPANDED("expanded", Notify.SUCCESS),
        /** To a server that does not report itself. */
        RELAYED("relayed", Notify.SUCCESS);

        private final String action;
        private final Notify event;

        Kind(String action, Notify event) {
            this.action = action;
            this.event = event;
        }

        /** The value of the Action field. */
        public String action() {
            return action;
        }

        /** The wish of the sender that it answers. */
        public Notify event() {
            return event;
        }
    }

    public Notice {
        reports = List.copyOf(reports);
    }
}
