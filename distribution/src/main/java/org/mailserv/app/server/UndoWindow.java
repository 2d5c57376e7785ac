package org.mailserv.app.server;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.CallHandler;
import org.mailserv.app.api.Operator;
import org.mailserv.app.api.QueueChange;
import org.mailserv.app.api.QueueChanged;
import org.mailserv.app.api.QueueOrderInfo;
import org.mailserv.app.api.QueueOrderInfo.State;
import org.mailserv.app.config.StartupException;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Orders for the queue that take effect after a time in which they can be undone. They are in memory alone: if the server stops or crashes
 * before, nothing is changed and the mail stays queued. Thread-safe.
 */
final class UndoWindow implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UndoWindow.class);
    private static final int MAX_ORDERS = 100;
    private static final int MAX_MESSAGES = 100_000;
    private static final int MAX_PROBLEMS = 3;
    private static final Duration REMEMBERED = Duration.ofMinutes(5);

    private final CallHandler<QueueChange, QueueChanged> execution;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Waiting> orders = new LinkedHashMap<>();
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, task -> {
        Thread thread = new Thread(task, "queue-orders");
        thread.setDaemon(true);
        return thread;
    });

    /** @param execution carries out a change */
    UndoWindow(CallHandler<QueueChange, QueueChanged> execution) {
        this.execution = execution;
    }

    private static final class Waiting {
        final QueueChange change;
        final Operator by;
        QueueOrderInfo info;

        Waiting(QueueChange change, Operator by, QueueOrderInfo info) {
            this.change = change;
            this.by = by;
            this.info = info;
        }

        /** Returns the number of messages whose ids are in memory. */
        int messages() {
            return change.id().size();
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
     * Accepts a change that takes effect after a time, for the messages of its dry run alone.
     *
     * @param found the result of its dry run
     */
    synchronized QueueOrderInfo schedule(QueueChange change, QueueChanged found, Operator by, Duration window)
            throws ApiException {
        forget();
        int waiting = orders.values().stream().mapToInt(Waiting::messages).sum();
        if (orders.size() >= MAX_ORDERS || waiting + found.changed() > MAX_MESSAGES) {
            throw new ApiException(
                    ApiException.Kind.UNAVAILABLE,
                    "too many changes can still be undone; try again in a minute, or without undo_seconds");
        }
        byte[] octets = new byte[8];
        random.nextBytes(octets);
        QueueOrderInfo info = new QueueOrderInfo(
                HexFormat.of().formatHex(octets),
                Objects.requireNonNull(change.action()),
                by.name(),
                found.changed(),
                found.recipients(),
                Instant.now().plus(window),
                State.WAITING,
                null);
        orders.put(info.id(), new Waiting(change.only(found), by, info));
        timer.schedule(() -> begin(info.id()), window.toMillis(), TimeUnit.MILLISECONDS);
        LOG.info(
                "event=queue-order-waits order={} action={} by=\"{}\" messages={} recipients={} seconds={}",
                info.id(),
                info.action().label(),
                oneLine(by.name()),
                info.messages(),
                info.recipients(),
                window.toSeconds());
        return info;
    }

    private static String oneLine(String text) {
        return text.replaceAll("[\\p{Cntrl}\"]", " ");
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
        Waiting waiting;
        synchronized (this) {
            waiting = orders.get(id);
            if (waiting == null || waiting.info.state() != State.WAITING) {
                return;
            }
            waiting.become(State.RUNNING, null);
        }
        try {
            end(waiting, State.DONE, words(execution.answer(waiting.change, waiting.by)));
        } catch (ApiException | StartupException | IOException e) {
            LOG.warn("event=queue-order-failed order={} reason=\"{}\"", id, oneLine(Failures.text(e)));
            end(waiting, State.FAILED, Failures.text(e));
        } catch (RuntimeException e) {
            LOG.error("event=queue-order-failed order={}", id, e);
            end(waiting, State.FAILED, "an error in the server; its log has the details");
        }
    }

    private synchronized void end(Waiting waiting, State state, String result) {
        waiting.become(state, result);
    }

    private static String words(QueueChanged result) {
        String done = result.recipients()
                + (result.recipients() == 1 ? " recipient of " : " recipients of ")
                + result.changed()
                + (result.changed() == 1 ? " message" : " messages");
        int more = result.problems().size() - MAX_PROBLEMS;
        return result.problems().isEmpty()
                ? done
                : done + "; not changed: "
                        + String.join(
                                "; ",
                                result.problems().stream().limit(MAX_PROBLEMS).toList())
                        + (more > 0 ? "; and " + more + " more" : "");
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
                        oneLine(each.info.by())));
        orders.clear();
    }
}
