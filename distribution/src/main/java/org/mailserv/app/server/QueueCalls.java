package org.mailserv.app.server;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.AccountReleased;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.CallRegistry;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.DestinationSummary;
import org.mailserv.app.api.MessageId;
import org.mailserv.app.api.Operator;
import org.mailserv.app.api.QueueChange;
import org.mailserv.app.api.QueueChanged;
import org.mailserv.app.api.QueueMessage;
import org.mailserv.app.api.QueueQuery;
import org.mailserv.app.api.QueuedSource;
import org.mailserv.app.api.ReleaseAccount;
import org.mailserv.app.config.StartupException;
import org.mailserv.relay.queue.DestinationView;
import org.mailserv.relay.queue.QueueAdmin;
import org.mailserv.relay.queue.QueueFilter;
import org.mailserv.relay.queue.QueueOrder;
import org.mailserv.relay.queue.Relay;
import org.mailserv.server.account.AccountStore;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.check.reputation.SendingLimits;
import org.mailserv.server.spool.Hold;
import org.mailserv.server.spool.Spool;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The calls on the queue of a running server. They block until they are done. */
final class QueueCalls {
    private static final Logger LOG = LoggerFactory.getLogger(QueueCalls.class);
    private static final int MAX_OVER_NETWORK = 1_000;

    private final Spool spool;
    private final QueuedContents contents;
    private final Relay relay;
    private final SendingLimits limits;
    private final AccountStore accounts;

    QueueCalls(Spool spool, Relay relay, SendingLimits limits, AccountStore accounts) {
        this.accounts = accounts;
        this.spool = spool;
        contents = new QueuedContents(spool);
        this.relay = relay;
        this.limits = limits;
    }

    void register(CallRegistry api) {
        api.on(Calls.QUEUE, this::list)
                .on(Calls.QUEUE_SUMMARY, this::summary)
                .on(Calls.QUEUED_SOURCE, this::source)
                .on(Calls.CHANGE_QUEUE, this::change)
                .on(Calls.RELEASE_ACCOUNT, this::releaseAccount);
    }

    private List<QueueMessage> list(QueueQuery query, Operator by) throws ApiException, StartupException {
        return matching(by.local() ? query : query.atMost(MAX_OVER_NETWORK), by);
    }

    private List<DestinationSummary> summary(QueueQuery query, Operator by) throws ApiException, StartupException {
        List<DestinationSummary> all = DestinationSummary.of(matching(query, by), query.filter());
        Map<String, DestinationView> states = Lookups.await(relay.admin()
                .destinations(all.stream().map(DestinationSummary::destination).toList()));
        return all.stream()
                .map(each -> each.with(states.get(each.destination())))
                .toList();
    }

    /** Returns the messages that match, as far as the operator sees them: what it does not see cannot be searched for either. */
    private List<QueueMessage> matching(QueueQuery query, Operator by) throws ApiException, StartupException {
        String text = query.text() == null ? "" : query.text().strip().toLowerCase(Locale.ROOT);
        // A subject is content, which is not for every user of the host.
        boolean subjects = Boolean.TRUE.equals(query.subjects()) && by.role() != Operator.Role.HOST_USER;
        // A limit counts the messages that contain the text, and that the operator sees.
        QueueFilter filter = (text.isEmpty() && !by.isRestricted() ? query : query.whole()).filter();
        Integer limit = query.limit();
        return Lookups.await(wholeQueue().list(filter)).stream()
                .map(QueueMessage::of)
                .filter(each -> each.isVisibleTo(by))
                .map(each -> each.visibleTo(by))
                .filter(each -> !by.isRestricted() || each.waitsFor(filter))
                .map(each -> subjects ? each.withSubject(contents.subject(each.id())) : each)
                .filter(each -> text.isEmpty() || each.mentions(text))
                .limit(limit == null || limit == 0 ? Long.MAX_VALUE : limit)
                .toList();
    }

    private QueuedSource source(MessageId request, Operator by) throws ApiException, StartupException {
        List<QueueMessage> found = list(QueueQuery.ofIds(List.of(request.id())), by);
        String source = found.isEmpty() ? null : contents.source(found.get(0).id(), QueuedContents.MAX_SOURCE);
        if (source == null) {
            throw ApiException.notFound("no message " + request.id() + " in the queue");
        }
        QueueMessage message = found.get(0);
        // The content is private: who reads it stands in the log, as for a change.
        LOG.info(
                "event=queued-message-read id={} by=\"{}\"",
                message.id(),
                by.name().replaceAll("[\\p{Cntrl}\"]", " "));
        return new QueuedSource(
                message.withSubject(contents.subject(message.id())),
                QueuedContents.header(source),
                source,
                message.octets() <= QueuedContents.MAX_SOURCE);
    }

    private QueueChanged change(QueueChange change, Operator by) throws ApiException, StartupException {
        return QueueChanged.of(Lookups.await(wholeQueue().act(change.order(by.name()))));
    }

    private AccountReleased releaseAccount(ReleaseAccount request, Operator by) throws ApiException, StartupException {
        MailboxName mailbox = MailboxName.of(String.valueOf(request.user()));
        if (mailbox == null) {
            throw ApiException.malformed(request.user() + " is no mailbox (expected: user@domain)");
        }
        String account = mailbox.toString();
        QueueAdmin admin = wholeQueue();
        boolean restricted = limits.release(account);
        Set<String> ids = new LinkedHashSet<>();
        Lookups.await(admin.list(QueueFilter.all())).stream()
                .filter(view -> account.equals(view.account()) && isByLimit(view.hold()))
                .forEach(view -> ids.add(view.id()));
        // A removed account may have left mail on hold.
        if (!restricted && ids.isEmpty() && Lookups.await(accounts.find(account)) == null) {
            throw ApiException.notFound(account + ": no such user");
        }
        int done = ids.isEmpty() ? 0 : settle(admin, ids, request.isDrop(), by);
        return new AccountReleased(account, restricted, done, request.isDrop());
    }

    private static int settle(QueueAdmin admin, Set<String> ids, boolean drop, Operator by) throws StartupException {
        QueueOrder order = new QueueOrder(
                drop ? QueueAdmin.Action.REMOVE : QueueAdmin.Action.RELEASE,
                new QueueFilter(ids, null, null, null, 0),
                by.name() + " by `mailserv user release`",
                "",
                false);
        return Lookups.await(admin.act(order)).changes().size();
    }

    /** Returns whether the limit of an account holds a message. A hold by an operator or a filter is not the account's. */
    private static boolean isByLimit(@Nullable Hold hold) {
        return hold != null && (hold.by() == Hold.By.ACCOUNT_LIMIT || hold.by() == Hold.By.UNKNOWN);
    }

    /** Waits until the queue has been read after a start: "all messages" must include those on the disk. */
    private QueueAdmin wholeQueue() throws StartupException {
        try {
            spool.queueRead().toCompletableFuture().get();
        } catch (ExecutionException e) {
            throw new StartupException(Failures.text(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartupException("interrupted", e);
        }
        return relay.admin();
    }
}
