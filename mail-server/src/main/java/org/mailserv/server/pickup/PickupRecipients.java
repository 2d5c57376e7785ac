package org.mailserv.server.pickup;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.delivery.RecipientRouter;
import org.mailserv.server.delivery.RecipientRouter.Routing;
import org.mailserv.server.spool.Notify;
import org.mailserv.server.spool.Recipient;

/**
 * The routed recipients of a dropped message.
 *
 * @param recipients the accepted recipients, after aliases
 * @param expanded addresses that stand for several recipients and whose sender asked to be notified of success
 * @param refused the permanently refused recipients, with the reply for each
 */
record PickupRecipients(List<Recipient> recipients, List<Recipient> expanded, Map<Recipient, SmtpReply> refused) {
    /**
     * Routes the recipients of a file. Blocks.
     *
     * @throws IOException if a recipient is refused temporarily
     * @throws PickupFile.RefusedException if the notification options of a recipient are malformed
     */
    static PickupRecipients route(PickupFile file, RecipientRouter router)
            throws PickupFile.RefusedException, ExecutionException, InterruptedException, IOException {
        PickupRecipients routed = new PickupRecipients(new ArrayList<>(), new ArrayList<>(), new LinkedHashMap<>());
        for (int i = 0; i < file.recipients().size(); i++) {
            Address address = file.recipients().get(i);
            String original = file.facts().get("orcpt-" + (i + 1));
            Set<Notify> notifyOn = notifyOn(file.facts().get("notify-" + (i + 1)));
            Routing routing = router.route(address, original, notifyOn, true)
                    .toCompletableFuture()
                    .get();
            if (routing instanceof Routing.Accepted accepted) {
                routed.add(accepted);
            } else if (routing instanceof Routing.Refused no && no.reply().isTransient()) {
                throw new IOException(address + ": " + no.reply());
            } else if (routing instanceof Routing.Refused no) {
                routed.refused.put(new Recipient(address, null, null, original, notifyOn), no.reply());
            }
        }
        return routed;
    }

    private void add(Routing.Accepted accepted) {
        if (accepted.expanded() != null) {
            expanded.add(accepted.expanded());
        }
        for (Recipient recipient : accepted.recipients()) {
            if (!recipients.contains(recipient)) {
                recipients.add(recipient);
            }
        }
    }

    /** Returns the events of a Notify line; null without one. */
    private static @Nullable Set<Notify> notifyOn(@Nullable String text) throws PickupFile.RefusedException {
        if (text == null) {
            return null;
        }
        try {
            List<Notify> events = new ArrayList<>();
            for (String name : text.equalsIgnoreCase("NEVER") ? new String[0] : text.split(",")) {
                events.add(Notify.valueOf(name.strip().toUpperCase(Locale.ROOT)));
            }
            return Set.copyOf(events);
        } catch (IllegalArgumentException e) {
            throw new PickupFile.RefusedException(
                    "Notify: \"" + text + "\" (expected: NEVER, SUCCESS, FAILURE, DELAY)");
        }
    }
}
