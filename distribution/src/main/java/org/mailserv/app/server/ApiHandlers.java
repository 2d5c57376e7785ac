package org.mailserv.app.server;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Audited;
import org.mailserv.app.api.Call;
import org.mailserv.app.api.CallHandler;
import org.mailserv.app.api.CallRegistry;
import org.mailserv.app.api.Operator;
import org.mailserv.app.api.ServerApi;
import org.mailserv.app.config.StartupException;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The calls of a running server, each with its handler. Handlers run on threads of their own, a few at a time, and may block. A change leaves
 * a line in the log that says what was changed, by whom, and with what result.
 */
final class ApiHandlers implements ServerApi, CallRegistry, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ApiHandlers.class);
    private static final int AT_ONCE = 8;

    private final Map<Call<?, ?>, CallHandler<?, ?>> handlers = new ConcurrentHashMap<>();
    private final ThreadPoolExecutor workers = new ThreadPoolExecutor(
            0, AT_ONCE, 5, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> daemon(task, "api-request"));

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public <Q extends Record, A> ApiHandlers on(Call<Q, A> call, CallHandler<? super Q, ? extends A> handler) {
        handlers.put(call, handler);
        return this;
    }

    @Override
    @SuppressWarnings("unchecked") // on() registers a handler only for a call of its types.
    public <Q extends Record, A> CompletionStage<A> ask(Call<Q, A> call, Q request, Operator by) {
        CallHandler<Q, A> handler = (CallHandler<Q, A>) handlers.get(call);
        String refusal = AccessRules.refusal(call, request, by);
        if (refusal != null) {
            LOG.warn("event=operator-refused call=\"{}\" by=\"{}\"", call, oneLine(by.name()));
            return refuse(ApiException.Kind.FORBIDDEN, refusal);
        } else if (handler == null) {
            return refuse(ApiException.Kind.UNAVAILABLE, "this server does not offer " + call);
        }
        CompletableFuture<A> answer = new CompletableFuture<>();
        try {
            workers.execute(() -> perform(call, handler, request, by, answer));
        } catch (RejectedExecutionException e) {
            return refuse(ApiException.Kind.UNAVAILABLE, "busy with " + AT_ONCE + " other requests; try again");
        }
        return answer;
    }

    private static <A> CompletionStage<A> refuse(ApiException.Kind kind, String message) {
        return CompletableFuture.failedFuture(new ApiException(kind, message));
    }

    private static <Q extends Record, A> void perform(
            Call<Q, A> call, CallHandler<Q, A> handler, Q request, Operator by, CompletableFuture<A> answer) {
        try {
            A made = handler.answer(request, by);
            audit(call, request, by, null);
            A visible = AccessRules.visible(made, by);
            if (visible == null) {
                throw ApiException.notFound("no such resource");
            }
            answer.complete(visible);
        } catch (ApiException e) {
            audit(call, request, by, e);
            answer.completeExceptionally(e);
        } catch (StartupException | IOException e) {
            audit(call, request, by, e);
            answer.completeExceptionally(new ApiException(ApiException.Kind.FAILED, Failures.text(e)));
        } catch (RuntimeException e) {
            LOG.error("event=api-failed call=\"{}\"", call, e);
            answer.completeExceptionally(
                    new ApiException(ApiException.Kind.FAILED, "an error in the server; its log has the details"));
        }
    }

    private static void audit(Call<?, ?> call, Record request, Operator by, @Nullable Exception failure) {
        String what = request instanceof Audited audited ? audited.auditText() : "";
        if (call.isReading() || what == null) {
            return;
        }
        LOG.info(
                "event=operator-change call=\"{}\" what=\"{}\" by=\"{}\" result=\"{}\"",
                call,
                oneLine(what),
                oneLine(by.name()),
                failure == null ? "done" : oneLine(Failures.text(failure)));
    }

    private static String oneLine(String text) {
        return text.replaceAll("[\\p{Cntrl}\"]", " ").strip();
    }

    /** Stops taking requests. Those under way may finish. */
    @Override
    public void close() {
        workers.shutdown();
    }
}
