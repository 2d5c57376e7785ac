package org.mailserv.app.server;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.config.StartupException;
import org.mailserv.relay.queue.QueueAdmin;
import org.mailserv.relay.queue.QueueFilter;
import org.mailserv.relay.queue.QueueOrder;
import org.mailserv.relay.queue.QueueResult;
import org.mailserv.relay.queue.QueueView;
import org.mailserv.relay.queue.Relay;
import org.mailserv.server.check.reputation.SendingLimits;
import org.mailserv.server.spool.Hold;
import org.mailserv.server.spool.Spool;
import org.mailserv.server.text.Failures;

/** Operators' requests on the queue of a running server. */
final class QueueOperations {
    private final Spool spool;
    private final Relay relay;
    private final SendingLimits limits;

    QueueOperations(Spool spool, Relay relay, SendingLimits limits) {
        this.spool = spool;
        this.relay = relay;
        this.limits = limits;
    }

    /** Returns the messages that match. Blocks. */
    List<QueueView> list(QueueFilter filter) throws StartupException {
        return Lookups.await(wholeQueue().list(filter));
    }

    /** Carries out an order. Blocks until it is done. */
    QueueResult change(QueueOrder order) throws StartupException {
        return Lookups.await(wholeQueue().act(order));
    }

    /** Lifts the restriction of an account and releases or removes its held messages. Returns a line for the operator. Blocks. */
    String releaseAccount(String account, boolean drop) throws StartupException {
        QueueAdmin admin = wholeQueue();
        boolean braked = limits.release(account);
        Set<String> ids = new LinkedHashSet<>();
        Lookups.await(admin.list(QueueFilter.all())).stream()
                .filter(view -> account.equals(view.account()) && isByLimit(view.hold()))
                .forEach(view -> ids.add(view.id()));
        int done = ids.isEmpty() ? 0 : settle(admin, ids, drop);
        return account + ": " + (braked ? "restriction lifted, " : "not restricted, ") + done
                + (done == 1 ? " held message " : " held messages ") + (drop ? "dropped" : "released") + "\n";
    }

    private static int settle(QueueAdmin admin, Set<String> ids, boolean drop) throws StartupException {
        QueueOrder order = new QueueOrder(
                drop ? QueueAdmin.Action.REMOVE : QueueAdmin.Action.RELEASE,
                new QueueFilter(ids, null, null, null, 0),
                "mailserv user release",
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
