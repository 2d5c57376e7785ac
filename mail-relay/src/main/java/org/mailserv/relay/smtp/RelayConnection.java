package org.mailserv.relay.smtp;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.SmtpClientCodec;
import org.mailserv.codec.smtp.SmtpCommand;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.spool.Envelope;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One session with one server, from the TCP connect to QUIT: takes deliveries as long as it has room and gives each of them exactly one
 * result, whatever happens. On the event loop of its channel.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5321#section-3.3">RFC 5321, 3.3</a>
 */
public final class RelayConnection implements CommandPipe.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(RelayConnection.class);

    /** Who uses the connection. */
    public interface Owner {
        /** TCP has connected: whoever raced with it has lost. */
        void connected(RelayConnection connection);

        /** Mail can be sent now. */
        void opened(RelayConnection connection);

        /** It will never be opened; {@link #closed} does not follow. */
        void openFailed(RelayConnection connection, OpenFailure failure);

        /** It may have room for more, or has become idle. */
        void roomFor(RelayConnection connection);

        /** It has ended after it had been opened; all its deliveries have their results. */
        void closed(RelayConnection connection, String reason);
    }

    // Replies to nothing after which the server is left.
    private static final int MAX_STRAYS = 20;

    private enum State {
        OPENING,
        OPEN,
        CLOSING,
        CLOSED
    }

    private final Session session;
    private final Owner owner;
    private final CommandPipe pipe;
    private final Deque<Transaction> inFlight = new ArrayDeque<>();
    private ServerCapabilities capabilities = ServerCapabilities.NONE;
    private State state = State.OPENING;
    private @Nullable Channel channel;
    private int started;
    private int completed;
    private boolean resync;
    private boolean readsAhead = true;
    private boolean chunkingRefused;
    private int strays;

    public RelayConnection(Session session, Owner owner) {
        this.session = session;
        this.owner = owner;
        this.pipe = new CommandPipe(this, session.timeouts().dataBlock());
    }

    private ChannelHandler initializer() {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel made) {
                channel = made;
                made.pipeline().addLast("codec", new SmtpClientCodec());
                made.pipeline().addLast("pipe", pipe);
            }
        };
    }

    /** Connects; the owner hears what comes of it. */
    public void connect(Connector connector) {
        connector.connect(session.address(), session.timeouts().connect(), initializer(), reason -> {
            if (state == State.OPENING) {
                openFailed(OpenFailure.noConnection(session.mta() + ": " + reason));
            }
        });
    }

    public Session session() {
        return session;
    }

    /** Messages that have been answered for by this connection, one way or the other. */
    public int completed() {
        return completed;
    }

    public boolean isOpen() {
        return state == State.OPEN;
    }

    /** Open, and with nothing to do. */
    public boolean isIdle() {
        return state == State.OPEN && inFlight.isEmpty();
    }

    /** Deliveries on their way. */
    public int inFlight() {
        return inFlight.size();
    }

    /** Most recipients of a transaction. */
    public int maxRecipients() {
        return Math.min(session.limits().maxRecipients(), capabilities.limit("RCPTMAX", Integer.MAX_VALUE));
    }

    /** Deliveries that may be submitted now. */
    public int room() {
        if (state != State.OPEN || resync) {
            return 0;
        }
        int depth = !readsAhead || !capabilities.has("PIPELINING")
                ? 1
                : capabilities.has("CHUNKING") && !session.route().lmtp()
                        ? session.limits().pipelineDepth()
                        : Math.min(2, session.limits().pipelineDepth());
        int most = Math.min(session.limits().messagesPerConnection(), capabilities.limit("MAILMAX", Integer.MAX_VALUE));
        return Math.max(0, Math.min(depth - inFlight.size(), most - started));
    }

    /** Whether the server or our limits allow no further message, so that only closing is left. */
    public boolean isUsedUp() {
        return started
                >= Math.min(session.limits().messagesPerConnection(), capabilities.limit("MAILMAX", Integer.MAX_VALUE));
    }

    /** Whether the server takes this content only when it has been made fit for 7 bits. */
    public boolean needsSevenBit(Envelope envelope, OutgoingContent content) {
        return Parameters.needsSevenBit(envelope, content, capabilities);
    }

    /** Sends a message. Only when there is room, or else the result is that it was not sent. */
    public void submit(Delivery delivery) {
        if (room() == 0) {
            delivery.finish(
                    DeliveryResult.all(session.mta(), delivery.recipients().size(), new Outcome.Unsent()));
            return;
        }
        started++;
        Transaction transaction = new Transaction(this, delivery, capabilities, secure(), !inFlight.isEmpty());
        inFlight.add(transaction);
        transaction.begin();
    }

    private boolean secure() {
        return channel != null && channel.pipeline().get("tls") != null;
    }

    /** Ends it with QUIT as soon as nothing is on its way. */
    public void close() {
        if (state == State.OPEN) {
            state = State.CLOSING;
            if (pipe.isDrained()) {
                quit();
            }
        } else if (state == State.OPENING) {
            abandon();
        }
    }

    /** Ends it at once, without a word: it lost a race, or time is up. Its owner hears what became of the deliveries. */
    public void abandon() {
        if (state == State.OPENING) {
            state = State.CLOSED;
        }
        pipe.breakOff("closed by us");
        Channel made = channel;
        if (made != null) {
            made.close();
        }
    }

    private void quit() {
        pipe.send(Step.command(
                new SmtpCommand.Quit(),
                session.timeouts().quit(),
                Step.Order.ALONE,
                reply -> pipe.breakOff("closed by us")));
    }

    @Override
    public void connected() {
        Channel made = Objects.requireNonNull(channel);
        if (state != State.OPENING) {
            made.close();
            return;
        }
        owner.connected(this);
        new SessionOpener(session, pipe, made, this::opened, this::openFailed).start();
    }

    private void opened(ServerCapabilities offered) {
        capabilities = borne(offered);
        readsAhead = !isKnownFor(ServerFaults.Fault.READING_AHEAD);
        pipe.setPipelining(capabilities.has("PIPELINING"));
        state = State.OPEN;
        owner.opened(this);
    }

    private void openFailed(OpenFailure failure) {
        if (state != State.OPENING) {
            return;
        }
        state = State.CLOSED;
        owner.openFailed(this, failure);
        if (failure.kind() == OpenFailure.Kind.CONNECTION || failure.kind() == OpenFailure.Kind.HANDSHAKE) {
            pipe.breakOff(failure.text());
        } else {
            quit();
        }
    }

    @Override
    public void unexpected(SmtpReply reply) {
        if (reply.code() == 421) {
            // RFC 5321, 3.8: a server that is about to close says so at any time.
            pipe.breakOff(reply.toString());
        } else if (++strays > MAX_STRAYS) {
            pipe.breakOff("too many replies to nothing: " + reply);
        } else {
            // Whoever answers once too often must find one command at a time, or replies are taken for those of other
            // commands.
            LOG.info("event=stray-reply mta=\"{}\" reply=\"{}\"", session.mta(), reply);
            learn(ServerFaults.Fault.PIPELINING, "a reply to nothing: " + reply);
            pipe.setPipelining(false);
            readsAhead = false;
        }
    }

    private ServerCapabilities borne(ServerCapabilities offered) {
        List<String> known = new ArrayList<>();
        if (isKnownFor(ServerFaults.Fault.PIPELINING)) {
            known.add("PIPELINING");
        }
        if (isKnownFor(ServerFaults.Fault.CHUNKING)) {
            known.add("CHUNKING");
        }
        return offered.without(known);
    }

    private boolean isKnownFor(ServerFaults.Fault fault) {
        return session.faults().has(session.address(), fault);
    }

    void learn(ServerFaults.Fault fault, String reason) {
        session.faults().learn(session.address(), fault, reason);
    }

    /** Returns whether a message may be sent before the answer to the one before it has come. */
    boolean readsAhead() {
        return readsAhead;
    }

    boolean isPipelining() {
        return capabilities.has("PIPELINING");
    }

    @Override
    public void drained() {
        if (resync && inFlight.isEmpty()) {
            resync = false;
            reset();
        }
        if (state == State.CLOSING && pipe.isDrained()) {
            quit();
        }
    }

    @Override
    public void broken(Loss loss) {
        String reason = loss.reason();
        State before = state;
        state = State.CLOSED;
        if (before == State.OPENING) {
            owner.openFailed(this, OpenFailure.connection(session.mta() + ": " + reason));
            return;
        } else if (before == State.CLOSED) {
            return;
        }
        List<Transaction> lost = new ArrayList<>(inFlight);
        inFlight.clear();
        learnFrom(loss, lost);
        boolean first = true;
        for (Transaction transaction : lost) {
            transaction.lost(loss, first && completed == 0, first && !chunkingRefused);
            first = false;
        }
        owner.closed(this, reason);
    }

    /** Finds out which extension the server may not have borne: the retry, which comes anyhow, does without it. */
    private void learnFrom(Loss loss, List<Transaction> lost) {
        if (loss.isClean() || lost.isEmpty() || !isPipelining()) {
            return;
        }
        Transaction head = lost.get(0);
        if (lost.size() > 1 && head.awaitsEnd() || head.wasBehind()) {
            // It closes after each message, and what was sent behind the message made its host reset the connection.
            learn(ServerFaults.Fault.READING_AHEAD, loss.reason());
        } else if (completed == 0 && loss.outstanding() > 1) {
            learn(ServerFaults.Fault.PIPELINING, loss.reason());
            readsAhead = false;
        }
        if (completed == 0 && head.usesBdat()) {
            learn(ServerFaults.Fault.CHUNKING, loss.reason());
        }
    }

    /**
     * The server does not know BDAT, although it offers it: its messages go by DATA in another connection, because this one may take the
     * octets of the message for commands.
     */
    void retryByData(Transaction refused, DeliveryResult unsent, SmtpReply reply) {
        learn(ServerFaults.Fault.CHUNKING, reply.toString());
        chunkingRefused = true;
        state = State.CLOSING;
        ended(refused, unsent);
        pipe.breakOff("closed by us");
    }

    CommandPipe pipe() {
        return pipe;
    }

    ContentWriter writer(OutgoingContent content, boolean bdat) {
        return new ContentWriter(content, session.readers(), !bdat, secure());
    }

    /** A transaction that did not come to its end on the server: the next one must find a clean table. RFC 5321, 4.1.1.5. */
    void reset() {
        pipe.sendNext(Step.command(new SmtpCommand.Rset(), session.timeouts().quit(), Step.Order.FREE, reply -> {
            if (!reply.isPositive()) {
                close();
            }
        }));
    }

    /** A BDAT failed while others travelled behind it: their MAIL may find the failed transaction still open. RFC 3030, 2. */
    void resyncAfter(Transaction failed) {
        if (inFlight.size() > 1) {
            resync = true;
        } else {
            reset();
        }
    }

    boolean isResyncing() {
        return resync;
    }

    void ended(Transaction transaction, DeliveryResult result) {
        inFlight.remove(transaction);
        completed++;
        transaction.delivery().finish(result);
        if (state == State.OPEN) {
            owner.roomFor(this);
        }
    }

    void mayBeSentTwice(Transaction transaction, String reason) {
        LOG.warn(
                "event=may-be-sent-twice id={} mta=\"{}\" reason=\"{}\"",
                transaction.delivery().envelope().id(),
                session.mta(),
                reason);
    }

    @Override
    public String toString() {
        return "RelayConnection[" + session.mta() + " " + state + "]";
    }
}
