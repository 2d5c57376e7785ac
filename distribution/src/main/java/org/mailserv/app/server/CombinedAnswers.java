package org.mailserv.app.server;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.AccountReleased;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Call;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.DestinationSummary;
import org.mailserv.app.api.MessageStory;
import org.mailserv.app.api.QueueChange;
import org.mailserv.app.api.QueueChanged;
import org.mailserv.app.api.QueueMessage;
import org.mailserv.app.api.QueueQuery;
import org.mailserv.app.api.ReleaseAccount;
import org.mailserv.app.api.TraceQuery;
import org.mailserv.relay.queue.QueueResult;

/** The way in which the answers of several servers to one call become one answer. */
abstract class CombinedAnswers<Q extends Record, A> {
    private static final Map<Call<?, ?>, CombinedAnswers<?, ?>> ALL = Map.of(
            Calls.QUEUE, new Queue(),
            Calls.QUEUE_SUMMARY, new Summary(),
            Calls.QUEUED_SOURCE, new First<>(),
            Calls.CHANGE_QUEUE, new Change(),
            Calls.RELEASE_ACCOUNT, new Release(),
            Calls.TRACE, new Trace());

    /** Returns the way of a call, or null if each server answers it for itself. */
    @SuppressWarnings("unchecked") // The map has for each call a way of its types.
    static <Q extends Record, A> @Nullable CombinedAnswers<Q, A> of(Call<Q, A> call) {
        return (CombinedAnswers<Q, A>) ALL.get(call);
    }

    /** Returns whether servers are to be asked one after another, each for what is left of the request. */
    boolean inTurn(Q request) {
        return false;
    }

    /** Returns what is left of a request after some answers, or null if nothing is left. */
    @Nullable
    Q rest(Q request, List<NodeAnswer<A>> answers) {
        return request;
    }

    /** Combines answers. Of the failures the first one counts. */
    A combine(Q request, List<NodeAnswer<A>> answers) throws ApiException {
        for (NodeAnswer<A> each : answers) {
            if (each.failure() != null) {
                throw each.failure();
            }
        }
        return join(request, answers);
    }

    /** Combines answers, all of which succeeded. */
    abstract A join(Q request, List<NodeAnswer<A>> answers);

    /** Returns the answers without the failures. */
    static <A> List<A> given(List<NodeAnswer<A>> answers) {
        return answers.stream().map(NodeAnswer::answer).filter(Objects::nonNull).toList();
    }

    private static final class Queue extends CombinedAnswers<QueueQuery, List<QueueMessage>> {
        @Override
        List<QueueMessage> join(QueueQuery request, List<NodeAnswer<List<QueueMessage>>> answers) {
            // A message that is handed over while the servers are asked may be with both.
            Map<String, QueueMessage> all = new LinkedHashMap<>();
            for (NodeAnswer<List<QueueMessage>> each : answers) {
                for (QueueMessage message : Objects.requireNonNull(each.answer())) {
                    all.putIfAbsent(message.id(), message.withNode(each.node()));
                }
            }
            Integer limit = request.limit();
            return all.values().stream()
                    .sorted(Comparator.comparing(QueueMessage::arrival))
                    .limit(limit == null || limit == 0 ? Long.MAX_VALUE : limit)
                    .toList();
        }
    }

    private static final class Summary extends CombinedAnswers<QueueQuery, List<DestinationSummary>> {
        @Override
        List<DestinationSummary> join(QueueQuery request, List<NodeAnswer<List<DestinationSummary>>> answers) {
            Map<String, DestinationSummary> all = new LinkedHashMap<>();
            for (List<DestinationSummary> each : given(answers)) {
                each.forEach(one -> all.merge(one.destination(), one, DestinationSummary::plus));
            }
            return all.values().stream()
                    .sorted(Comparator.comparingInt(DestinationSummary::messages)
                            .reversed())
                    .toList();
        }
    }

    /** The answer of a server that has what is asked for. */
    private static final class First<Q extends Record, A> extends CombinedAnswers<Q, A> {
        @Override
        A combine(Q request, List<NodeAnswer<A>> answers) throws ApiException {
            List<A> given = given(answers);
            return given.isEmpty() ? super.combine(request, answers) : given.get(0);
        }

        @Override
        A join(Q request, List<NodeAnswer<A>> answers) {
            return given(answers).get(0);
        }
    }

    private static final class Change extends CombinedAnswers<QueueChange, QueueChanged> {
        @Override
        boolean inTurn(QueueChange request) {
            return request.limit() != null && request.limit() > 0;
        }

        @Override
        @Nullable
        QueueChange rest(QueueChange request, List<NodeAnswer<QueueChanged>> answers) {
            int done = given(answers).stream().mapToInt(QueueChanged::changed).sum();
            int left = (request.limit() == null ? 0 : request.limit()) - done;
            return left > 0 ? request.withLimit(left) : null;
        }

        @Override
        QueueChanged join(QueueChange request, List<NodeAnswer<QueueChanged>> answers) {
            int changed = 0;
            int recipients = 0;
            int skipped = 0;
            String error = null;
            List<QueueChanged.ChangedMessage> messages = new ArrayList<>();
            Map<String, Integer> problems = new LinkedHashMap<>();
            for (NodeAnswer<QueueChanged> each : answers) {
                QueueChanged one = Objects.requireNonNull(each.answer());
                changed += one.changed();
                recipients += one.recipients();
                skipped += one.skipped();
                error = error == null ? one.error() : error;
                one.messages()
                        .forEach(message -> messages.add(new QueueChanged.ChangedMessage(
                                message.message().withNode(each.node()), message.changed())));
                one.problems().forEach(problem -> problems.merge(problem, 1, Integer::sum));
            }
            // That one server has no such message is a problem only if no other one has it.
            List<String> left = problems.entrySet().stream()
                    .filter(problem -> problem.getValue() == answers.size() || !QueueResult.isMissing(problem.getKey()))
                    .map(Map.Entry::getKey)
                    .toList();
            return new QueueChanged(error, changed, recipients, left, skipped, messages, null);
        }
    }

    private static final class Release extends CombinedAnswers<ReleaseAccount, AccountReleased> {
        @Override
        AccountReleased combine(ReleaseAccount request, List<NodeAnswer<AccountReleased>> answers) throws ApiException {
            List<AccountReleased> given = given(answers);
            if (given.isEmpty()) {
                return super.combine(request, answers);
            }
            return given.stream().reduce(AccountReleased::plus).orElseThrow();
        }

        @Override
        AccountReleased join(ReleaseAccount request, List<NodeAnswer<AccountReleased>> answers) {
            return given(answers).stream().reduce(AccountReleased::plus).orElseThrow();
        }
    }

    private static final class Trace extends CombinedAnswers<TraceQuery, List<MessageStory>> {
        @Override
        List<MessageStory> join(TraceQuery request, List<NodeAnswer<List<MessageStory>>> answers) {
            Map<String, TreeSet<String>> lines = new HashMap<>();
            for (List<MessageStory> each : given(answers)) {
                // Each line begins with its time.
                each.forEach(story ->
                        lines.computeIfAbsent(story.id(), id -> new TreeSet<>()).addAll(story.lines()));
            }
            List<MessageStory> all = new ArrayList<>();
            lines.forEach((id, own) -> all.add(new MessageStory(id, List.copyOf(own))));
            all.sort(Comparator.comparing(
                    story -> story.lines().isEmpty() ? "" : story.lines().get(0)));
            Integer limit = request.limit();
            int most = limit == null || limit <= 0 ? StatusCalls.DEFAULT_STORIES : limit;
            return List.copyOf(all.subList(Math.max(0, all.size() - most), all.size()));
        }
    }
}
