package org.mailserv.app.server;

import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Call;
import org.mailserv.app.api.CallHandler;
import org.mailserv.app.api.CallRegistry;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.Operator;
import org.mailserv.app.api.QueueChange;
import org.mailserv.app.api.QueueChanged;
import org.mailserv.app.config.StartupException;

/**
 * Adds to the call that changes the queue a time in which a removal or bounce can be undone. The order waits at the server that was asked; in
 * a cluster it then takes effect on all servers. Other calls are passed on.
 */
final class UndoableChanges implements CallRegistry, AutoCloseable {
    private final CallRegistry registry;
    private @Nullable UndoWindow orders;

    UndoableChanges(CallRegistry registry) {
        this.registry = registry;
    }

    @Override
    @SuppressWarnings("unchecked") // The call determines the types of its handler.
    public <Q extends Record, A> CallRegistry on(Call<Q, A> call, CallHandler<? super Q, ? extends A> handler) {
        if (call.equals(Calls.CHANGE_QUEUE)) {
            CallHandler<QueueChange, QueueChanged> change = (CallHandler<QueueChange, QueueChanged>) handler;
            UndoWindow window = new UndoWindow(change);
            orders = window;
            registry.on(Calls.CHANGE_QUEUE, (request, by) -> change(change, window, request, by))
                    .on(Calls.QUEUE_ORDERS, (request, by) -> window.list())
                    .on(Calls.UNDO_ORDER, (request, by) -> window.undo(request.id()));
        } else {
            registry.on(call, handler);
        }
        return this;
    }

    private static QueueChanged change(
            CallHandler<QueueChange, QueueChanged> handler, UndoWindow orders, QueueChange request, Operator by)
            throws ApiException, StartupException, IOException {
        int seconds = request.undoWindow();
        if (seconds == 0) {
            return handler.answer(request, by);
        }
        QueueChanged found = handler.answer(request.rehearsal(), by);
        return found.changed() == 0
                ? found
                : found.with(orders.schedule(request, found, by, Duration.ofSeconds(seconds)));
    }

    @Override
    public void close() {
        if (orders != null) {
            orders.close();
        }
    }
}
