package org.mailserv.server.delivery;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.smtp.SmtpReplies;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.account.Account;
import org.mailserv.server.account.AccountStore;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.account.Resolution;
import org.mailserv.server.mailbox.MailboxStore;
import org.mailserv.server.spool.Notify;
import org.mailserv.server.spool.Recipient;

/** Decides to which mailboxes and addresses the mail for a recipient goes, or refuses it. */
public final class RecipientRouter {
    private static final CompletionStage<Routing> RELAY_DENIED =
            CompletableFuture.completedFuture(new Routing.Refused(SmtpReplies.R550_RELAY_DENIED));

    private final AccountStore accounts;
    private final MailboxStore mailboxes;
    private final @Nullable SenderRewriting rewriting;

    /** @param rewriting resolves rewritten senders, so that bounces of forwarded mail return; null if senders are not rewritten */
    public RecipientRouter(AccountStore accounts, MailboxStore mailboxes, @Nullable SenderRewriting rewriting) {
        this.accounts = accounts;
        this.mailboxes = mailboxes;
        this.rewriting = rewriting;
    }

    /** The decision about one recipient. */
    public sealed interface Routing {
        /**
         * The recipient is accepted and stands for these recipients.
         *
         * @param expanded the address itself if it stands for several recipients and its sender asked to be notified of success; else null
         */
        record Accepted(
                List<Recipient> recipients, @Nullable Recipient expanded) implements Routing {
            /** Creates the decision about an address that needs no notification of its own. */
            public Accepted(List<Recipient> recipients) {
                this(recipients, null);
            }
        }

        /** The recipient is refused, temporarily or permanently, depending on the reply. */
        record Refused(SmtpReply reply) implements Routing {}
    }

    /**
     * Routes a recipient. A name without a domain belongs to the primary one. A foreign domain is accepted only from a client that may
     * relay. Only the domain decides; a local part with {@code %}, {@code !} or a quoted {@code @} does not matter.
     *
     * @param originalRecipient the ORCPT parameter as received, or null
     * @param notifyOn the NOTIFY parameter, or null
     * @param mayRelay true if the client may send to other domains
     */
    public CompletionStage<Routing> route(
            Address given, @Nullable String originalRecipient, @Nullable Set<Notify> notifyOn, boolean mayRelay) {
        Address address = given.domain().isEmpty() ? new Address(given.localPart(), accounts.primaryDomain()) : given;
        if (!accounts.isLocalDomain(address.domain())) {
            return mayRelay
                    ? CompletableFuture.completedFuture(new Routing.Accepted(
                            List.of(new Recipient(address, null, null, originalRecipient, notifyOn))))
                    : RELAY_DENIED;
        }
        if (rewriting != null && SenderRewriting.isRewritten(address)) {
            Address sender = rewriting.original(address);
            if (sender == null) {
                return refused(SmtpReplies.R550_NO_SUCH_MAILBOX);
            } else if (accounts.isLocalDomain(sender.domain())) {
                // Rewritten here, then elsewhere, and returned: each step removes one layer.
                return route(sender, originalRecipient, notifyOn, mayRelay);
            }
            return CompletableFuture.completedFuture(
                    new Routing.Accepted(List.of(new Recipient(sender, null, address, originalRecipient, notifyOn))));
        }
        return accounts.resolve(address).thenCompose(resolution -> {
            if (resolution instanceof Resolution.Found found) {
                return checkRoom(found, address, originalRecipient, notifyOn);
            }
            return refused(
                    resolution instanceof Resolution.Unknown
                            ? SmtpReplies.R550_NO_SUCH_MAILBOX
                            : SmtpReplies.R451_UNAVAILABLE);
        });
    }

    private static CompletionStage<Routing> refused(SmtpReply reply) {
        return CompletableFuture.completedFuture(new Routing.Refused(reply));
    }

    private CompletionStage<Routing> checkRoom(
            Resolution.Found found,
            Address address,
            @Nullable String originalRecipient,
            @Nullable Set<Notify> notifyOn) {
        boolean several = found.mailboxes().size() + found.forwards().size() > 1;
        Recipient expanded = several && notifyOn != null && notifyOn.contains(Notify.SUCCESS)
                ? new Recipient(address, null, null, originalRecipient, notifyOn)
                : null;
        // RFC 3461, 5.2.7.3: the sender is notified of the list's success at once, and of failures of its members.
        Set<Notify> wanted = expanded == null || notifyOn == null ? notifyOn : without(notifyOn, Notify.SUCCESS);
        List<Recipient> recipients = new ArrayList<>();
        CompletionStage<Boolean> room = CompletableFuture.completedFuture(true);
        for (MailboxName mailbox : found.mailboxes()) {
            Address target = mailbox.address();
            Address original = target.equals(address) ? null : address;
            if (accounts.isRouted(mailbox.domain())) {
                recipients.add(new Recipient(target, null, original, originalRecipient, wanted));
                continue;
            }
            recipients.add(new Recipient(target, mailbox, original, originalRecipient, wanted));
            room = room.thenCombine(hasRoom(mailbox), (before, now) -> before && now);
        }
        for (Address forward : found.forwards()) {
            recipients.add(new Recipient(forward, null, address, originalRecipient, wanted));
        }
        return room.thenApply(enough -> enough
                ? new Routing.Accepted(recipients, expanded)
                : new Routing.Refused(SmtpReplies.R452_MAILBOX_FULL));
    }

    private static Set<Notify> without(Set<Notify> events, Notify event) {
        Set<Notify> rest = EnumSet.noneOf(Notify.class);
        rest.addAll(events);
        rest.remove(event);
        return rest;
    }

    private CompletionStage<Boolean> hasRoom(MailboxName mailbox) {
        return accounts.find(mailbox.toString())
                .thenCompose(account -> isBounded(account)
                        ? mailboxes
                                .usage(mailbox)
                                .handle((usage, failure) -> failure != null
                                        || (account.quotaOctets() == 0 || usage.octets() < account.quotaOctets())
                                                && (account.quotaMessages() == 0
                                                        || usage.messages() < account.quotaMessages()))
                        : CompletableFuture.completedFuture(true));
    }

    private static boolean isBounded(@Nullable Account account) {
        return account != null && (account.quotaOctets() > 0 || account.quotaMessages() > 0);
    }
}
