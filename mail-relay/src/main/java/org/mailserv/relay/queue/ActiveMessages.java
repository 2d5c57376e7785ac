package org.mailserv.relay.queue;

import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.mailserv.relay.smtp.Conversion;
import org.mailserv.relay.smtp.OutgoingContent;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.event.MessageNote;
import org.mailserv.server.event.MessageNote.Kind;
import org.mailserv.server.spool.MessageState;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.Spool;
import org.mailserv.server.spool.StoredMessage;
import org.mailserv.server.text.Failures;

/** Opens messages, each only once however many users it has at the same time. Confined to the relay's loop. */
final class ActiveMessages {

    private final RelayLoop loop;
    private final Spool spool;
    private final UnstoredStates states;
    private final Executor readers;
    private final ByteBufAllocator allocator;
    private final Conversion conversion;
    private final MailEvents events;
    private final Map<QueueId, ActiveMessage> open = new HashMap<>();
    private final Map<QueueId, List<BiConsumer<@Nullable ActiveMessage, @Nullable Throwable>>> opening =
            new HashMap<>();

    ActiveMessages(
            RelayLoop loop,
            Spool spool,
            UnstoredStates states,
            Executor readers,
            ByteBufAllocator allocator,
            Conversion conversion,
            MailEvents events) {
        this.conversion = conversion;
        this.events = events;
        this.loop = loop;
        this.spool = spool;
        this.states = states;
        this.readers = readers;
        this.allocator = allocator;
    }

    private record Loaded(StoredMessage stored, OutgoingContent content) {}

    int size() {
        return open.size() + opening.size();
    }

    /** Returns whether one of some messages is open, or has a state that is being stored. */
    boolean isBusyWith(Predicate<QueueId> some) {
        return open.keySet().stream().anyMatch(some)
                || opening.keySet().stream().anyMatch(some)
                || states.has(some);
    }

    /** Returns a state that the spool does not have yet, or null. */
    @Nullable
    MessageState unstored(QueueId id) {
        return states.of(id);
    }

    @Nullable
    ActiveMessage find(QueueId id) {
        return open.get(id);
    }

    /**
     * Opens a message and adds a user.
     *
     * @param then receives the message, or the failure; called on the loop
     */
    void use(QueueId id, BiConsumer<@Nullable ActiveMessage, @Nullable Throwable> then) {
        ActiveMessage already = open.get(id);
        if (already != null) {
            already.users++;
            then.accept(already, null);
            return;
        }
        List<BiConsumer<@Nullable ActiveMessage, @Nullable Throwable>> waiting = opening.get(id);
        if (waiting != null) {
            waiting.add(then);
            return;
        }
        opening.put(id, new ArrayList<>(List.of(then)));
        MessageState unstored = states.of(id);
        load(id).whenComplete((loaded, failure) -> loop.execute(() -> loaded(id, loaded, unstored, failure)));
    }

    private CompletionStage<Loaded> load(QueueId id) {
        CompletableFuture<StoredMessage> opened = spool.open(id).toCompletableFuture();
        if (opened.isDone() && !opened.isCompletedExceptionally()) {
            // The stage is complete, so this does not block.
            StoredMessage stored = opened.join();
            try {
                OutgoingContent inMemory = OutgoingContent.inMemory(stored.content());
                if (inMemory != null) {
                    return CompletableFuture.completedFuture(new Loaded(stored, inMemory));
                }
            } catch (RuntimeException e) {
                stored.close();
                return CompletableFuture.failedFuture(e);
            }
        }
        return opened.thenApplyAsync(
                stored -> {
                    try {
                        return new Loaded(stored, OutgoingContent.load(stored.content(), allocator));
                    } catch (IOException | RuntimeException e) {
                        stored.close();
                        throw new CompletionException(e);
                    }
                },
                readers);
    }

    private void loaded(
            QueueId id, @Nullable Loaded loaded, @Nullable MessageState unstored, @Nullable Throwable failure) {
        List<BiConsumer<@Nullable ActiveMessage, @Nullable Throwable>> waiting = opening.remove(id);
        if (waiting == null) {
            return;
        }
        if (loaded == null) {
            Throwable cause =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            waiting.forEach(then -> then.accept(null, cause));
            return;
        }
        MessageState state = unstored == null ? loaded.stored().state() : unstored;
        ActiveMessage active = new ActiveMessage(loaded.stored(), loaded.content(), state);
        open.put(id, active);
        active.users = waiting.size();
        waiting.forEach(then -> then.accept(active, null));
    }

    /**
     * Converts the content for servers that do not accept it as it is.
     *
     * @param then called on the loop when the conversion is done, or known to be impossible
     */
    void convert(ActiveMessage active, Runnable then) {
        CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return Optional.ofNullable(active.content.converted(allocator, conversion));
                            } catch (IOException e) {
                                throw new CompletionException(e);
                            }
                        },
                        readers)
                .whenComplete((made, failure) -> loop.execute(() -> {
                    if (made != null && made.isPresent() && active.sevenBit == null) {
                        active.sevenBit = made.get();
                        if (active.sevenBit.breaksSignature()) {
                            events.noted(MessageNote.because(
                                    Kind.SIGNATURE_BROKEN, active.id(), "converted for the next server"));
                        }
                    } else if (made != null && made.isPresent()) {
                        made.get().close();
                    } else {
                        active.sealed = failure == null;
                        if (failure != null) {
                            active.conversionFailed = true;
                            events.noted(
                                    MessageNote.because(Kind.CONVERSION_FAILED, active.id(), Failures.text(failure)));
                        }
                    }
                    then.run();
                }));
    }

    /** Closes a message without users. */
    void close(ActiveMessage active) {
        open.remove(active.id(), active);
        active.close();
    }
}
