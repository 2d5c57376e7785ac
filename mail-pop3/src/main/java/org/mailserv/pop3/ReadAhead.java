package org.mailserv.pop3;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.mailbox.Maildrop;
import org.mailserv.server.mailbox.Maildrop.MaildropMessage;

/**
 * A read-ahead of small messages for clients that retrieve them in order. The next messages are read in one batch
 * while the current one is being sent, so that not every RETR wakes a disk thread. At most two batches are held.
 * Confined to the session's thread. Message numbers start at 1.
 */
final class ReadAhead {
    /** Maximum octets per batch. */
    static final int OCTETS = 64 << 10;

    private static final int MOST = 32;

    private final Maildrop maildrop;
    private final IntPredicate wanted;
    private @Nullable Batch current;
    private @Nullable Batch following;
    private int last;
    private int size = 1;

    /** @param wanted tests whether a message number exists and is not marked as deleted */
    ReadAhead(Maildrop maildrop, IntPredicate wanted) {
        this.maildrop = maildrop;
        this.wanted = wanted;
    }

    /** A batch of messages that are being read or have been read. */
    private static final class Batch {
        final int first;
        final int count;
        final CompletionStage<List<MaildropMessage>> messages;
        int next;

        Batch(int first, int count, CompletionStage<List<MaildropMessage>> messages) {
            this.first = first;
            this.count = count;
            this.messages = messages;
            this.next = first;
        }

        boolean has(int number) {
            return number == next && number < first + count;
        }

        boolean isUsedUp() {
            return next >= first + count;
        }

        /** Closes the messages that were not taken. */
        void drop() {
            int taken = next - first;
            next = first + count;
            messages.thenAccept(list -> list.stream().skip(taken).forEach(MaildropMessage::close));
        }
    }

    /** Opens a message, from the read-ahead if possible. The caller closes it. */
    CompletionStage<MaildropMessage> take(int number) {
        Batch batch = current;
        if (batch != null && batch.isUsedUp()) {
            batch = following;
            current = batch;
            following = null;
        }
        CompletionStage<MaildropMessage> message;
        if (batch != null && batch.has(number)) {
            int index = number - batch.first;
            batch.next++;
            // An unreadable message ends its batch early. It is opened separately to obtain the reason.
            message = batch.messages.thenCompose(
                    list -> index < list.size() ? CompletableFuture.completedFuture(list.get(index)) : open(number));
        } else {
            drop();
            message = open(number);
        }
        readOn(number);
        return message;
    }

    private CompletionStage<MaildropMessage> open(int number) {
        return maildrop.read(number - 1);
    }

    /**
     * Starts the next batch when half of the previous one has been taken. Each batch is twice as large as the one
     * before.
     */
    private void readOn(int number) {
        boolean inTurn = last + 1 == number;
        last = number;
        if (!inTurn) {
            size = 1;
            return;
        }
        Batch batch = current;
        if (batch == null || batch.isUsedUp()) {
            if (following == null) {
                current = begin(number + 1);
            }
        } else if (following == null && batch.first + batch.count - batch.next <= batch.count / 2) {
            following = begin(batch.first + batch.count);
        }
    }

    private @Nullable Batch begin(int first) {
        List<Integer> indexes = new ArrayList<>();
        long octets = 0;
        for (int number = first; indexes.size() < size && wanted.test(number); number++) {
            octets += maildrop.octets(number - 1);
            if (octets > OCTETS) {
                break;
            }
            indexes.add(number - 1);
        }
        if (indexes.isEmpty()) {
            return null;
        }
        size = Math.min(MOST, 2 * size);
        return new Batch(first, indexes.size(), maildrop.readAll(indexes).exceptionally(failure -> List.of()));
    }

    /** Closes all messages that were read but not taken. */
    void drop() {
        if (current != null) {
            current.drop();
            current = null;
        }
        if (following != null) {
            following.drop();
            following = null;
        }
    }
}
