package org.mailserv.server.delivery;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.mailserv.server.spool.Recipient;
import org.mailserv.server.spool.StoredMessage;

/** Tells senders that asked for it what was delivered when their message came. RFC 3461, 5.2.3 and 5.2.7.3. */
public interface SuccessNotices {
    /** Tells nobody. */
    SuccessNotices NONE = (message, delivered, expanded) -> CompletableFuture.completedFuture(null);

    /**
     * Sends the notices.
     *
     * @param message stays open until the stage completes
     * @param delivered recipients whose mailboxes here have the message, and whose sender wants to hear of it
     * @param expanded addresses here that stand for several recipients, and whose sender wants to hear of it
     * @return completes when the notices are in the spool, or cannot be sent
     */
    CompletionStage<Void> succeeded(StoredMessage message, List<Recipient> delivered, List<Recipient> expanded);
}
