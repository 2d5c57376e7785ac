package org.mailserv.server.cluster;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.table.HintTable;
import org.mailserv.server.cluster.table.HintTable.Hint;
import org.mailserv.server.spool.QueueId;

/**
 * Questions of one node to another, by way of the shared tables, so that nodes need no connection to each other. A node looks for questions
 * twice a second. Question and answer expire. A question is answered once by a process; it may be answered although the one who asked has
 * given up.
 */
public final class PeerQuestions {
    private static final Duration LOOK = Duration.ofMillis(500);
    private static final Duration LOOK_FOR_ANSWER = Duration.ofMillis(200);
    /** The time that a node has to begin an answer, and the one who asked has to wait. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Duration ANSWER_LIFE = Duration.ofSeconds(60);
    private static final int PART = 128 * 1024;
    private static final int REMEMBERED = 1000;
    private static final String END = "end";

    /** Answers questions of other nodes. */
    public interface Answerer {
        /** Answers a question. Does not block. A failure leaves the question without an answer. */
        CompletionStage<String> answer(String question);
    }

    private final ClusterLoop loop;
    private final HintTable hints;
    private final String node;
    private final Supplier<Set<String>> living;
    private final Set<String> seen = new LinkedHashSet<>();
    private @Nullable Answerer answerer;
    private boolean stopped;

    /**
     * @param node the name of this node
     * @param living returns the names of the nodes that live; on the loop
     */
    public PeerQuestions(ClusterLoop loop, HintTable hints, String node, Supplier<Set<String>> living) {
        this.loop = loop;
        this.hints = hints;
        this.node = node;
        this.living = living;
    }

    /** Begins to answer questions. Any thread. */
    public void answerBy(Answerer given) {
        loop.execute(() -> {
            boolean begins = answerer == null;
            answerer = given;
            if (begins) {
                look();
            }
        });
    }

    /** Ends. On the loop. */
    public void stop() {
        stopped = true;
    }

    private void look() {
        if (stopped) {
            return;
        }
        loop.whenDone(hints.read(Hint.PEER_QUESTION, node), (found, failure) -> {
            if (found != null && !stopped) {
                found.forEach(this::answer);
            }
        });
        loop.schedule(LOOK, this::look);
    }

    private void answer(String id, String question) {
        Answerer by = answerer;
        if (by == null || !seen.add(id)) {
            return;
        }
        if (seen.size() > REMEMBERED) {
            seen.remove(seen.iterator().next());
        }
        loop.whenDone(by.answer(question), (answer, failure) -> {
            if (answer != null) {
                store(id, answer, 0);
            }
        });
    }

    /** Stores an answer from a part on, one part after another, and then their number. */
    private void store(String id, String answer, int part) {
        int from = part * PART;
        boolean last = from >= answer.length();
        String value = last ? Integer.toString(part) : answer.substring(from, Math.min(answer.length(), from + PART));
        loop.whenDone(
                hints.put(Hint.PEER_ANSWER, id, last ? END : Integer.toString(part), value, ANSWER_LIFE),
                (done, failure) -> {
                    if (failure == null && !last) {
                        store(id, answer, part + 1);
                    }
                });
    }

    /** Returns the names of the other nodes that live. Any thread. */
    public CompletionStage<Set<String>> others() {
        CompletableFuture<Set<String>> others = new CompletableFuture<>();
        loop.execute(() -> {
            Set<String> names = new TreeSet<>(living.get());
            names.remove(node);
            others.complete(names);
        });
        return others;
    }

    /**
     * Asks another node. Any thread.
     *
     * @return the answer; fails if there is none within ten seconds
     */
    public CompletionStage<String> ask(String other, String question) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        String id = QueueId.random().toString();
        loop.execute(() -> {
            long end = loop.nanoTime() + PATIENCE.toNanos();
            loop.whenDone(hints.put(Hint.PEER_QUESTION, other, id, question, PATIENCE), (done, failure) -> {
                if (failure == null) {
                    await(id, end, answer);
                } else {
                    answer.completeExceptionally(failure);
                }
            });
        });
        return answer;
    }

    private void await(String id, long end, CompletableFuture<String> answer) {
        if (stopped || loop.nanoTime() > end) {
            answer.completeExceptionally(new TimeoutException("no answer"));
            return;
        }
        loop.whenDone(hints.read(Hint.PEER_ANSWER, id), (parts, failure) -> {
            String whole = parts == null ? null : join(parts);
            if (whole == null) {
                loop.schedule(LOOK_FOR_ANSWER, () -> await(id, end, answer));
            } else {
                answer.complete(whole);
            }
        });
    }

    /** Returns an answer, or null if parts of it are missing. */
    private static @Nullable String join(Map<String, String> parts) {
        String end = parts.get(END);
        if (end == null) {
            return null;
        }
        StringBuilder whole = new StringBuilder();
        for (int i = 0; i < Integer.parseInt(end); i++) {
            String part = parts.get(Integer.toString(i));
            if (part == null) {
                return null;
            }
            whole.append(part);
        }
        return whole.toString();
    }
}
