package org.mailserv.app.api;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.mailserv.relay.queue.QueueFilter;
import org.mailserv.relay.queue.QueueState;
import org.mailserv.relay.queue.QueueView;
import org.mailserv.server.spool.Hold;
import org.mailserv.server.spool.RecipientState;

/**
 * A message of the queue.
 *
 * @param sender the address, empty for a bounce
 * @param octets of the content; -1 if unknown
 * @param from the host that the message came from; null for what was made here
 * @param nextAttempt the first time at which a recipient is tried; null while the message is on hold
 * @param subject null if it was not asked for, or cannot be read
 * @param node the server of a cluster that has the message; null for a server that shares its store with nobody
 */
public record QueueMessage(
        String id,
        QueueState queue,
        String sender,
        Instant arrival,
        long octets,
        @Nullable String from,
        @Nullable String account,
        int attempts,
        @Nullable Instant nextAttempt,
        @Nullable HoldInfo hold,
        List<RecipientInfo> recipients,
        @Nullable String subject,
        @Nullable String node)
        implements Visible {

    /**
     * A recipient.
     *
     * @param mta the server that spoke last
     * @param reply the result of the last attempt
     * @param waiting the reason why it is not tried before {@code nextTry}, besides the last reply
     */
    public record RecipientInfo(
            String address,
            RecipientState.Status status,
            @Nullable String mta,
            @Nullable String reply,
            @Nullable Instant nextTry,
            @Nullable String waiting) {
        public boolean isPending() {
            return status == RecipientState.Status.PENDING;
        }

        /** Returns the domain of the address. */
        public String domain() {
            return address.substring(address.lastIndexOf('@') + 1);
        }
    }

    /**
     * A hold.
     *
     * @param since null if unknown
     */
    public record HoldInfo(
            Hold.By by, String reason, @Nullable Instant since) {
        /** Returns whether the cause is known. */
        public boolean isKnown() {
            return by != Hold.By.UNKNOWN;
        }

        /** Returns the hold without the name of an account, which is of another domain. */
        HoldInfo withoutAccount() {
            return by == Hold.By.ACCOUNT_LIMIT
                    ? new HoldInfo(by, "sending limit of the sender's account", since)
                    : this;
        }
    }

    /** Returns a message as the API shows it. */
    public static QueueMessage of(QueueView view) {
        return new QueueMessage(
                view.id(),
                view.queue(),
                view.sender(),
                view.arrival(),
                view.octets(),
                view.from(),
                view.account(),
                view.attempts(),
                view.nextAttempt(),
                view.hold() == null
                        ? null
                        : new HoldInfo(
                                view.hold().by(),
                                view.hold().reason(),
                                view.hold().since().equals(Instant.EPOCH)
                                        ? null
                                        : view.hold().since()),
                view.recipients().stream()
                        .map(one -> new RecipientInfo(
                                one.address(), one.status(), one.mta(), one.reply(), one.nextTry(), one.waiting()))
                        .toList(),
                null,
                null);
    }

    /** Returns the message with its subject. */
    public QueueMessage withSubject(@Nullable String text) {
        return with(account, nextAttempt, hold, recipients, text, node);
    }

    /** Returns the message with the name of the server that has it. */
    public QueueMessage withNode(String name) {
        return with(account, nextAttempt, hold, recipients, subject, name);
    }

    private QueueMessage with(
            @Nullable String newAccount,
            @Nullable Instant newNextAttempt,
            @Nullable HoldInfo newHold,
            List<RecipientInfo> newRecipients,
            @Nullable String newSubject,
            @Nullable String newNode) {
        return new QueueMessage(
                id,
                queue,
                sender,
                arrival,
                octets,
                from,
                newAccount,
                attempts,
                newNextAttempt,
                newHold,
                newRecipients,
                newSubject,
                newNode);
    }

    @Override
    public boolean isVisibleTo(Operator by) {
        return isSentFrom(by) || recipients.stream().anyMatch(one -> by.sees(OwnDomain.of(one.address())));
    }

    private boolean isSentFrom(Operator by) {
        return !sender.isEmpty() && by.sees(OwnDomain.of(sender));
    }

    /**
     * Returns the part of the message that an operator sees: all of one that is sent from its domains, otherwise the recipients in its
     * domains and nothing of the others.
     */
    public QueueMessage visibleTo(Operator by) {
        if (!by.isRestricted() || isSentFrom(by)) {
            return this;
        }
        List<RecipientInfo> own = recipients.stream()
                .filter(one -> by.sees(OwnDomain.of(one.address())))
                .toList();
        Instant next = own.stream()
                .map(RecipientInfo::nextTry)
                .filter(Objects::nonNull)
                .min(Comparator.naturalOrder())
                .orElse(null);
        return with(null, next, hold == null ? null : hold.withoutAccount(), own, subject, node);
    }

    /** Returns whether a recipient that waits is one of those that a filter selects. */
    public boolean waitsFor(QueueFilter filter) {
        return filter.recipient() == null && filter.domain() == null
                || recipients.stream().anyMatch(one -> one.isPending() && filter.selects(one.address()));
    }

    /** Returns whether the id, an address, a reason or the subject contains a text in lower case. */
    public boolean mentions(String text) {
        Stream<@Nullable String> own =
                Stream.of(id, sender, account, from, subject, hold == null ? null : hold.reason());
        Stream<@Nullable String> others =
                recipients.stream().flatMap(one -> Stream.of(one.address(), one.reply(), one.waiting(), one.mta()));
        return Stream.concat(own, others)
                .anyMatch(each -> each != null && each.toLowerCase(Locale.ROOT).contains(text));
    }
}
