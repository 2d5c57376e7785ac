package org.mailserv.app.server;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.QueueOrderInfo;
import org.mailserv.app.api.QueueOrderInfo.State;
import org.mailserv.relay.queue.QueueOrder;
import org.mailserv.relay.queue.QueueResult;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Orders for the queue that take effect after a time in which they can be undone. They are in memory alone: if the server stops or crashes
 * before, nothing is changed and the mail stays queued. Thread-safe; nothing blocks.
 */
final class UndoWindow implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UndoWindow.class);
    private static final int MAX_ORDERS = 100;
    private static final int MAX_MESSAGES = 100_000;
    private static final Duration REMEMBERED = Duration.ofMinutes(5);

    private final Function<QueueOrder, CompletionStage<QueueResult>> execution;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Waiting> orders = new LinkedHashMap<>();
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, task -> {
        Thread thread = new Thread(task, "queue-orders");
        thread.setDaemon(true);
        return thread;
    });

    /** @param execution carries out an order, without blocking */
    UndoWindow(Function<QueueOrder, CompletionStage<QueueResult>> execution) {
        this.execution = execution;
    }

    private static final class Waiting {
        final QueueOrder order;
        final int messages;
        QueueOrderInfo info;

        Waiting(QueueOrder order, QueueOrderInfo info) {
            this.order = order;
            this.messages = info.messages();
            this.info = info;
        }

        void become(State state, @Nullable String result) {
            info = new QueueOrderInfo(
                    info.id(),
                    info.action(),
                    info.by(),
                    info.messages(),
                    info.recipients(),
                    info.takesEffect(),
                    state,
                    result);
        }
    }

    /**
     * Accepts an order that takes effect after a time.
     *
     * @param order names the messages by their ids, so that mail that arrives in the meantime is not concerned
     * @param found the result of its dry run
     */
    synchronized QueueOrderInfo schedule(QueueOrder order, QueueResult found, Duration window) throws ApiException {
        forget();
        int waiting = orders.values().stream().mapToInt(each -> each.messages).sum();
        if (orders.size() >= MAX_ORDERS || waiting + found.changes().size() > MAX_MESSAGES) {
            throw new ApiException(
                    ApiException.Kind.UNAVAILABLE,
                    "too many changes can still be undone; try again in a minute, or without undo_seconds");
        }
        byte[] octets = new byte[8];
        random.nextBytes(octets);
        String id = HexFormat.of().formatHex(octets);
        QueueOrderInfo info = new QueueOrderInfo(
                id,
                order.action(),
                order.by(),
                found.changes().size(),
                found.recipients(),
                Instant.now().plus(window),
                State.WAITING,
                null);
        orders.put(id, new Waiting(order, info));
        timer.schedule(() -> begin(id), window.toMillis(), TimeUnit.MILLISECONDS);
        LOG.info(
                "event=queue-order-waits order={} action={} by=\"{}\" messages={} recipients={} seconds={}",
                id,
                order.action().label(),
                order.by(),
                info.messages(),
                info.recipients(),
                window.toSeconds());
        return info;
    }

    /** Undoes an order that waits. */
    synchronized QueueOrderInfo undo(String id) throws ApiException {
        Waiting waiting = orders.get(id);
        if (waiting == null) {
            throw ApiException.notFound("no change with this id can be undone");
        } else if (waiting.info.state() != State.WAITING) {
            throw new ApiException(
                    ApiException.Kind.CONFLICT,
                    waiting.info.state() == State.UNDONE
                            ? "the change was undone already"
                            : "it is too late: the change has taken effect");
        }
        waiting.become(State.UNDONE, "undone; nothing was changed");
        return waiting.info;
    }

    /** Returns the orders that wait, and those of the last minutes, newest first. */
    synchronized List<QueueOrderInfo> list() {
        forget();
        List<QueueOrderInfo> all = new ArrayList<>();
        orders.values().forEach(each -> all.add(0, each.info));
        return all;
    }

    private void forget() {
        Instant old = Instant.now().minus(REMEMBERED);
        orders.values()
                .removeIf(each -> each.info.state() != State.WAITING
                        && each.info.state() != State.RUNNING
                        && each.info.takesEffect().isBefore(old));
    }

    private void begin(String id) {
        QueueOrder order;
        synchronized (this) {
            Waiting waiting = orders.get(id);
            if (waiting == null || waiting.info.state() != State.WAITING) {
                return;
            }
            waiting.become(State.RUNNING, null);
            order = waiting.order;
        }
        try {
            execution.apply(order).whenComplete((result, failure) -> end(id, result, failure));
        } catch (RuntimeException e) {
            end(id, null, e);
        }
    }

    private synchronized void end(String id, @Nullable QueueResult result, @Nullable Throwable failure) {
        Waiting waiting = orders.get(id);
        if (waiting == null) {
            return;
        } else if (result == null) {
            LOG.error("event=queue-order-failed order={}", id, failure);
            waiting.become(State.FAILED, failure == null ? "failed; the log says why" : Failures.text(failure));
        } else {
            waiting.become(State.DONE, words(result));
        }
    }

    private static String words(QueueResult result) {
        String done = result.recipients()
                + (result.recipients() == 1 ? " recipient of " : " recipients of ")
                + result.changes().size()
                + (result.changes().size() == 1 ? " message" : " messages");
        return result.problems().isEmpty()
                ? done
                : done + "; not changed: "
                        + String.join("; ", result.problems().stream().limit(3).toList())
                        + (result.problems().size() > 3
                                ? "; and " + (result.problems().size() - 3) + " more"
                                : "");
    }

    /** Drops what still waits: the mail stays queued. */
    @Override
    public synchronized void close() {
        timer.shutdownNow();
        orders.values().stream()
                .filter(each -> each.info.state() == State.WAITING)
                .forEach(each -> LOG.warn(
                        "event=queue-order-dropped order={} action={} by=\"{}\" reason=\"the server stops; the mail stays queued\"",
                        each.info.id(),
                        each.info.action().label(),
                        each.info.by()));
        orders.clear();
    }
}
