package org.mailserv.server.testing;

import io.netty.channel.FileRegion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.mailbox.DeliveryOutcome;
import org.mailserv.server.mailbox.MailboxStore;
import org.mailserv.server.mailbox.MailboxUsage;
import org.mailserv.server.mailbox.Maildrop;
import org.mailserv.server.mailbox.MaildropException;
import org.mailserv.server.spool.MessageContent;
import org.mailserv.server.spool.StoredMessage;

/** Mailboxes without a disk; opening and reading complete on an executor of the test's choice. */
public final class InMemoryMailboxes implements MailboxStore {
    private final Map<MailboxName, List<Message>> mailboxes = new HashMap<>();
    private final Set<MailboxName> locked = new HashSet<>();
    private final Executor executor;
    private final CompletableFuture<Void> lost = new CompletableFuture<>();
    private MaildropException deleteFailure;

    public InMemoryMailboxes(Executor executor) {
        this.executor = executor;
    }

    private record Message(String uid, byte[] octets) {}

    /** Puts a message in; its uid is {@code uid-N}. */
    public synchronized void add(MailboxName mailbox, String text) {
        List<Message> messages = mailboxes.computeIfAbsent(mailbox, key -> new ArrayList<>());
        messages.add(new Message("uid-" + (messages.size() + 1), text.getBytes(StandardCharsets.ISO_8859_1)));
    }

    public synchronized List<String> texts(MailboxName mailbox) {
        return mailboxes.getOrDefault(mailbox, List.of()).stream()
                .map(message -> new String(message.octets, StandardCharsets.ISO_8859_1))
                .toList();
    }

    public synchronized boolean isLocked(MailboxName mailbox) {
        return locked.contains(mailbox);
    }

    public void failDeletes() {
        deleteFailure = new MaildropException(MaildropException.Reason.TEMPORARY, "as told");
    }

    /** Lets all open maildrops learn that they have lost their locks. */
    public void loseLocks() {
        lost.complete(null);
    }

    @Override
    public synchronized CompletionStage<List<DeliveryOutcome>> deliver(
            StoredMessage message, List<MailboxName> targets) {
        List<DeliveryOutcome> outcomes = new ArrayList<>();
        for (MailboxName target : targets) {
            ByteArrayOutputStream octets = new ByteArrayOutputStream();
            try {
                message.content().transferTo(0, message.content().length(), Channels.newChannel(octets));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
            mailboxes
                    .computeIfAbsent(target, key -> new ArrayList<>())
                    .add(new Message(message.envelope().id().toString(), octets.toByteArray()));
            outcomes.add(DeliveryOutcome.DELIVERED);
        }
        return CompletableFuture.completedFuture(outcomes);
    }

    @Override
    public synchronized CompletionStage<MailboxUsage> usage(MailboxName mailbox) {
        List<Message> messages = mailboxes.getOrDefault(mailbox, List.of());
        long octets =
                messages.stream().mapToLong(message -> message.octets.length).sum();
        return CompletableFuture.completedFuture(new MailboxUsage(octets, messages.size()));
    }

    @Override
    public synchronized CompletionStage<Maildrop> open(MailboxName mailbox) {
        if (!locked.add(mailbox)) {
            return CompletableFuture.failedFuture(new MaildropException(MaildropException.Reason.IN_USE, "in use"));
        }
        Drop drop = new Drop(mailbox, List.copyOf(mailboxes.getOrDefault(mailbox, List.of())));
        CompletableFuture<Maildrop> opened = new CompletableFuture<>();
        executor.execute(() -> opened.complete(drop));
        return opened;
    }

    private final class Drop implements Maildrop {
        private final MailboxName mailbox;
        private final List<Message> messages;

        Drop(MailboxName mailbox, List<Message> messages) {
            this.mailbox = mailbox;
            this.messages = messages;
        }

        @Override
        public int size() {
            return messages.size();
        }

        @Override
        public long octets(int index) {
            return messages.get(index).octets.length;
        }

        @Override
        public String uid(int index) {
            return messages.get(index).uid;
        }

        @Override
        public CompletionStage<MaildropMessage> read(int index) {
            CompletableFuture<MaildropMessage> read = new CompletableFuture<>();
            executor.execute(() -> read.complete(new Content(messages.get(index).octets)));
            return read;
        }

        @Override
        public CompletionStage<List<MaildropMessage>> readAll(List<Integer> indexes) {
            CompletableFuture<List<MaildropMessage>> read = new CompletableFuture<>();
            executor.execute(() -> read.complete(indexes.stream()
                    .<MaildropMessage>map(index -> new Content(messages.get(index).octets))
                    .toList()));
            return read;
        }

        @Override
        public CompletionStage<Void> delete(BitSet indexes) {
            if (deleteFailure != null) {
                return CompletableFuture.failedFuture(deleteFailure);
            }
            synchronized (InMemoryMailboxes.this) {
                List<Message> left = mailboxes.get(mailbox);
                indexes.stream().forEach(index -> left.remove(messages.get(index)));
            }
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<Void> lost() {
            return lost;
        }

        @Override
        public void close() {
            synchronized (InMemoryMailboxes.this) {
                locked.remove(mailbox);
            }
        }
    }

    private record Content(byte[] octets) implements Maildrop.MaildropMessage, MessageContent {
        @Override
        public MessageContent content() {
            return this;
        }

        @Override
        public long length() {
            return octets.length;
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
            int length = (int) Math.min(count, octets.length - position);
            return target.write(ByteBuffer.wrap(octets, (int) position, length));
        }

        @Override
        public FileRegion region(long position, long count) throws IOException {
            throw new IOException("no file");
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }
}
