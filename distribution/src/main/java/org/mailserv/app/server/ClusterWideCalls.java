package org.mailserv.app.server;

import com.google.gson.JsonParseException;
import com.google.gson.reflect.TypeToken;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Call;
import org.mailserv.app.api.CallHandler;
import org.mailserv.app.api.CallRegistry;
import org.mailserv.app.api.Json;
import org.mailserv.app.api.Operator;
import org.mailserv.app.api.Requests;
import org.mailserv.app.config.StartupException;
import org.mailserv.server.cluster.PeerQuestions;
import org.mailserv.server.store.StoreStages;
import org.mailserv.server.store.shared.SharedStore;
import org.mailserv.server.text.Failures;

/**
 * Calls that one server of a cluster answers for all of them: it carries out the call itself, asks the others to do the same, and combines the
 * answers. A server that does not answer in time fails the call, because the answer would look complete without being so.
 */
final class ClusterWideCalls implements CallRegistry, AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final int ANSWERS_AT_ONCE = 2;
    private static final int ANSWERS_WAITING = 50;

    private final CallRegistry registry;
    private final String node;
    private final PeerQuestions peers;
    private final Map<String, Local<?, ?>> locals = new ConcurrentHashMap<>();
    private final ThreadPoolExecutor answers = new ThreadPoolExecutor(
            ANSWERS_AT_ONCE, ANSWERS_AT_ONCE, 5, TimeUnit.SECONDS, new ArrayBlockingQueue<>(ANSWERS_WAITING), task -> {
                Thread thread = new Thread(task, "peer-answer");
                thread.setDaemon(true);
                return thread;
            });

    /** A call as this server alone carries it out. */
    private record Local<Q extends Record, A>(Call<Q, A> call, CallHandler<? super Q, ? extends A> handler) {
        String answer(Question question) throws ApiException, StartupException, IOException {
            Q request = Requests.ofJson(question.request(), Map.of(), call.request());
            return Json.write(handler.answer(request, question.by()));
        }
    }

    /** A question to another server. */
    private record Question(String call, String request, Operator by) {}

    /** The answer of another server: JSON, or the reason for a failure. */
    private record Answer(
            @Nullable String answer, int status, @Nullable String error) {}

    /** @param registry gets the handlers that answer for all servers, and those of other calls as they are */
    ClusterWideCalls(CallRegistry registry, SharedStore store) {
        this.registry = registry;
        this.node = store.name();
        this.peers = store.peers();
        answers.allowCoreThreadTimeOut(true);
    }

    /** Begins to answer questions of other servers. */
    void start() {
        peers.answerBy(this::answer);
    }

    @Override
    public <Q extends Record, A> CallRegistry on(Call<Q, A> call, CallHandler<? super Q, ? extends A> handler) {
        CombinedAnswers<Q, A> combined = CombinedAnswers.of(call);
        if (combined == null) {
            registry.on(call, handler);
        } else {
            locals.put(call.toString(), new Local<>(call, handler));
            registry.on(call, (request, by) -> everywhere(call, handler, combined, request, by));
        }
        return this;
    }

    private <Q extends Record, A> A everywhere(
            Call<Q, A> call,
            CallHandler<? super Q, ? extends A> handler,
            CombinedAnswers<Q, A> combined,
            Q request,
            Operator by)
            throws ApiException, StartupException, IOException {
        List<NodeAnswer<A>> all = new ArrayList<>();
        all.add(here(handler, request, by));
        Set<String> others = StoreStages.await(peers.others(), PATIENCE);
        if (combined.inTurn(request)) {
            for (String other : others) {
                Q rest = combined.rest(request, all);
                if (rest != null) {
                    all.add(read(call, other, ask(call, other, rest, by)));
                }
            }
        } else {
            List<Map.Entry<String, CompletionStage<String>>> asked = new ArrayList<>();
            others.forEach(other -> asked.add(Map.entry(other, ask(call, other, request, by))));
            for (Map.Entry<String, CompletionStage<String>> each : asked) {
                all.add(read(call, each.getKey(), each.getValue()));
            }
        }
        return combined.combine(request, all);
    }

    private <Q extends Record, A> NodeAnswer<A> here(
            CallHandler<? super Q, ? extends A> handler, Q request, Operator by) throws StartupException, IOException {
        try {
            return new NodeAnswer<>(node, handler.answer(request, by), null);
        } catch (ApiException e) {
            return new NodeAnswer<>(node, null, e);
        }
    }

    private <Q extends Record> CompletionStage<String> ask(Call<Q, ?> call, String other, Q request, Operator by) {
        return peers.ask(other, Json.write(new Question(call.toString(), Json.write(request), by)));
    }

    private static <A> NodeAnswer<A> read(Call<?, A> call, String other, CompletionStage<String> asked)
            throws ApiException {
        try {
            Answer answer = Json.read(StoreStages.await(asked, PATIENCE), TypeToken.get(Answer.class));
            String content = answer.answer();
            return content == null
                    ? new NodeAnswer<>(
                            other,
                            null,
                            new ApiException(ApiException.Kind.of(answer.status()), String.valueOf(answer.error())))
                    : new NodeAnswer<>(other, Json.read(content, call.answer()), null);
        } catch (IOException | JsonParseException e) {
            throw new ApiException(
                    ApiException.Kind.UNAVAILABLE,
                    "the server " + other + " of the cluster does not answer (" + Failures.text(e)
                            + "): the result would be incomplete. Try again; once the server counts as dead, the others"
                            + " have its mail.");
        }
    }

    private CompletionStage<String> answer(String text) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        try {
            answers.execute(() -> answer.complete(Json.write(carryOut(text))));
        } catch (RejectedExecutionException e) {
            answer.completeExceptionally(e);
        }
        return answer;
    }

    private Answer carryOut(String text) {
        try {
            Question question = Json.read(text, TypeToken.get(Question.class));
            Local<?, ?> local = locals.get(question.call());
            return local == null
                    ? new Answer(null, ApiException.Kind.UNAVAILABLE.status(), "this server does not offer the call")
                    : new Answer(local.answer(question), 0, null);
        } catch (ApiException e) {
            return new Answer(null, e.kind().status(), e.getMessage());
        } catch (StartupException | IOException | RuntimeException e) {
            return new Answer(null, ApiException.Kind.FAILED.status(), Failures.text(e));
        }
    }

    @Override
    public void close() {
        answers.shutdown();
    }
}
