package org.mailserv.app.vacation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.codec.header.HeaderBlock;
import org.mailserv.server.account.AccountStore;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.account.Resolution;
import org.mailserv.server.check.dkim.DkimSigner;
import org.mailserv.server.delivery.MessageAcceptor;
import org.mailserv.server.delivery.RecipientRouter;
import org.mailserv.server.spool.Arrival;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageWriter;
import org.mailserv.server.spool.Spool;
import org.mailserv.server.spool.StoredMessage;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the vacation replies for messages that were delivered to mailboxes. One thread decides and sends; messages beyond its queue get no
 * reply. A reply never keeps a message from being delivered.
 */
public final class VacationResponder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(VacationResponder.class);
    private static final int MOST_HEADER = 64 << 10;
    private static final int WAITING = 1_000;

    private final VacationFiles files;
    private final Duration interval;
    private final Parts parts;
    private final ThreadPoolExecutor thread = new ThreadPoolExecutor(
            1, 1, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING), VacationResponder::daemon);

    /** The services that a reply needs. */
    public record Parts(
            Spool spool,
            AccountStore accounts,
            RecipientRouter router,
            MessageAcceptor acceptor,
            DkimSigner signer,
            InstantSource clock) {}

    /** @param interval the minimum time between two replies to a sender */
    public VacationResponder(VacationFiles files, Duration interval, Parts parts) {
        this.files = files;
        this.interval = interval;
        this.parts = parts;
        thread.allowCoreThreadTimeOut(true);
    }

    private static Thread daemon(Runnable task) {
        Thread made = new Thread(task, "vacation");
        made.setDaemon(true);
        return made;
    }

    /**
     * Answers a message for those of its mailboxes that have replies sent.
     *
     * @param message stays open until the stage completes
     * @return completes when the message is not needed any more; does not fail
     */
    public CompletionStage<Void> delivered(StoredMessage message, List<MailboxName> mailboxes) {
        List<MailboxName> active = mailboxes.stream().filter(files::isActive).toList();
        Envelope envelope = message.envelope();
        if (active.isEmpty() || envelope.sender().isNull() || envelope.junk()) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> read = new CompletableFuture<>();
        try {
            thread.execute(() -> {
                try {
                    HeaderBlock header = header(message);
                    read.complete(null);
                    for (MailboxName mailbox : active) {
                        answer(envelope, header, mailbox);
                    }
                } catch (IOException | RuntimeException e) {
                    LOG.warn("event=vacation-failed id={} reason=\"{}\"", envelope.id(), Failures.text(e));
                } finally {
                    read.complete(null);
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.warn("event=vacation-skipped id={} reason=\"too many messages at once\"", envelope.id());
            read.complete(null);
        }
        return read;
    }

    /** Returns the header. One that does not fit is cut, and a field that marks a list may be missing from it. */
    private static HeaderBlock header(StoredMessage message) throws IOException {
        ByteBuffer octets = ByteBuffer.allocate(
                (int) Math.min(MOST_HEADER, message.content().length()));
        message.content().read(0, octets);
        HeaderBlock header = HeaderBlock.read(octets.array());
        if (header.length() >= MOST_HEADER) {
            throw new IOException("the header is too large");
        }
        return header;
    }

    private void answer(Envelope envelope, HeaderBlock header, MailboxName mailbox) throws IOException {
        Address sender = envelope.sender().address();
        String refusal = VacationRules.reason(sender, header, mailbox.domain(), address -> isOwn(mailbox, address));
        if (sender == null || refusal != null) {
            LOG.debug("event=vacation-not-sent id={} mailbox={} reason=\"{}\"", envelope.id(), mailbox, refusal);
            return;
        }
        String remembered = sender.canonicalLocalPart() + "@" + sender.domain();
        if (!files.claim(mailbox, remembered, interval)) {
            return;
        }
        parts.router()
                .route(sender, null, null, true)
                .thenCompose(routing -> send(routing, mailbox, sender, header))
                .whenComplete((id, failure) -> {
                    if (failure != null) {
                        LOG.warn(
                                "event=vacation-failed id={} mailbox={} reason=\"{}\"",
                                envelope.id(),
                                mailbox,
                                Failures.text(failure));
                    } else if (id != null) {
                        LOG.info(
                                "event=vacation-sent id={} mailbox={} to=<{}> answers={}",
                                id,
                                mailbox,
                                sender,
                                envelope.id());
                    }
                });
    }

    /** Returns whether an address leads to the mailbox and nowhere else: its own, with a tag, or an alias of this user alone. */
    private boolean isOwn(MailboxName mailbox, Address address) {
        if (!parts.accounts().isLocalDomain(address.domain())) {
            return false;
        }
        if (mailbox.equals(new MailboxName(address.domain(), address.localPart()))) {
            return true;
        }
        Resolution found = parts.accounts()
                .resolve(address)
                .toCompletableFuture()
                .completeOnTimeout(new Resolution.Unknown(), 5, TimeUnit.SECONDS)
                .join();
        return found instanceof Resolution.Found several && several.mailboxes().equals(List.of(mailbox));
    }

    private CompletionStage<@Nullable String> send(
            RecipientRouter.Routing routing, MailboxName from, Address to, HeaderBlock answered) {
        if (!(routing instanceof RecipientRouter.Routing.Accepted accepted)) {
            LOG.info("event=vacation-not-sent mailbox={} to=<{}> reason=\"the sender does not exist here\"", from, to);
            return CompletableFuture.completedFuture(null);
        }
        MessageWriter writer = parts.spool().newMessage(accepted.recipients().size());
        String id = writer.id().toString();
        String text = VacationReply.text(
                files.of(from), from, to, answered, id, parts.clock().instant());
        ByteBuf content = Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
        DkimSigner.Scan scan = parts.signer().begin();
        scan.feed(content.duplicate());
        String signatures = scan.sign("").fields();
        Envelope envelope = Envelope.of(
                writer.id(),
                ReversePath.NULL,
                accepted.recipients(),
                Arrival.local(parts.clock().instant()));
        return writer.append(content)
                .thenCompose(done -> parts.acceptor()
                        .accept(writer, envelope, Unpooled.copiedBuffer(signatures, StandardCharsets.US_ASCII)))
                .thenApply(done -> id)
                .whenComplete((done, failure) -> writer.abort());
    }

    @Override
    public void close() {
        thread.shutdown();
    }
}
