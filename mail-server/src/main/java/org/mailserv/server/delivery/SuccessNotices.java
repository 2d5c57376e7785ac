package org.mailserv.server.delivery;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.mailserv.server.spool.Recipient;
import org.mailserv.server.spool.StoredMessage;

/** Notifies senders, on request, of recipients whose delivery succeeded at once. RFC 3461, 5.2.3 and 5.2.7.3. */
public interface SuccessNotices {
    /** Sends no notifications. */
    SuccessNotices NONE = (message, delivered, expanded) -> CompletableFuture.completedFuture(null);

    /**
     * Sends the notifications.
     *
     * @param message stays open until the stage completes
     * @param delivered local recipients whose mailbox contains the message and whose sender asked to be notified
     * @param expanded local addresses that stand for several recipients and whose sender asked to be notified
     * @return completes when the notifications are in the spool or cannot be sent
     */
    CompletionStage<Void> succeeded(StoredMessage message, List<Recipient> delivered, List<Recipient> expanded);
}
