package org.mailserv.app.server;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.control.QueueRequest;
import org.mailserv.relay.queue.QueueAdmin;
import org.mailserv.relay.queue.QueueFilter;
import org.mailserv.relay.queue.QueueView;
import org.mailserv.relay.queue.Relay;
import org.mailserv.server.check.reputation.SendingLimits;
import org.mailserv.server.spool.file.FileSpool;

/** Operators' requests on the queue of a running server. */
final class QueueOperations {
    private final FileSpool spool;
    private final Relay relay;
    private final SendingLimits limits;

    QueueOperations(FileSpool spool, Relay relay, SendingLimits limits) {
        this.spool = spool;
        this.relay = relay;
        this.limits = limits;
    }

    /** Performs a request and returns the messages it applied to. Blocks until it is done. */
    List<QueueView> perform(QueueRequest request) throws StartupException {
        QueueAdmin admin = wholeQueue();
        QueueAdmin.Action action = request.action();
        try {
            return (action == null ? admin.list(request.filter()) : admin.act(action, request.filter()))
                    .toCompletableFuture()
                    .get();
        } catch (ExecutionException e) {
            throw new StartupException(String.valueOf(e.getCause()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartupException("interrupted", e);
        }
    }

    /** Lifts the restriction of an account and releases or removes its held messages. Returns a line for the operator. Blocks. */
    String releaseAccount(String account, boolean drop) throws StartupException {
        QueueAdmin admin = wholeQueue();
        boolean braked = limits.release(account);
        Set<String> ids = new LinkedHashSet<>();
        Lookups.await(admin.list(new QueueFilter(Set.of(), null, null, null, 0))).stream()
                .filter(view -> view.queue().equals("hold") && account.equals(view.account()))
                .forEach(view -> ids.add(view.id()));
        if (!ids.isEmpty()) {
            Lookups.await(admin.act(
                    drop ? QueueAdmin.Action.REMOVE : QueueAdmin.Action.RELEASE,
                    new QueueFilter(ids, null, null, null, 0)));
        }
        return account + ": " + (braked ? "restriction lifted, " : "not restricted, ") + ids.size()
                + (ids.size() == 1 ? " held message " : " held messages ") + (drop ? "dropped" : "released") + "\n";
    }

    /** Waits until the queue has been read after a start: "all messages" must include those on the disk. */
    private QueueAdmin wholeQueue() throws StartupException {
        try {
            spool.awaitQueue();
        } catch (IOException e) {
            throw new StartupException(String.valueOf(e.getMessage()), e);
        }
        return relay.admin();
    }
}
