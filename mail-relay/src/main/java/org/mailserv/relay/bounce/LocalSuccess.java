package org.mailserv.relay.bounce;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.mailserv.codec.smtp.EnhancedStatus;
import org.mailserv.server.delivery.SuccessNotices;
import org.mailserv.server.spool.Recipient;
import org.mailserv.server.spool.StoredMessage;

/**
 * Sends success notices for messages that were delivered to local mailboxes on arrival.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc3461#section-5.2.3">RFC 3461, 5.2.3</a>
 */
public final class LocalSuccess implements SuccessNotices {
    private static final EnhancedStatus SUCCESS = new EnhancedStatus(2, 0, 0);

    private final Notifier notifier;

    public LocalSuccess(Notifier notifier) {
        this.notifier = notifier;
    }

    @Override
    public CompletionStage<Void> succeeded(StoredMessage message, List<Recipient> delivered, List<Recipient> expanded) {
        return send(Notice.Kind.DELIVERED, message, delivered)
                .thenCompose(sent -> send(Notice.Kind.EXPANDED, message, expanded));
    }

    private CompletionStage<Void> send(Notice.Kind kind, StoredMessage message, List<Recipient> recipients) {
        return recipients.isEmpty()
                ? CompletableFuture.completedFuture(null)
                : notifier.send(new Notice(
                        kind,
                        message,
                        recipients.stream().map(LocalSuccess::report).toList(),
                        null));
    }

    /** Returns a report of a successful local delivery, which has no remote reply. */
    public static Report report(Recipient recipient) {
        return new Report(recipient, SUCCESS, null, "");
    }
}
