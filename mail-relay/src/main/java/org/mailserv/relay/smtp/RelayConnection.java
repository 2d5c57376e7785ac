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
 * A client session with one server, from the TCP connect to QUIT. Accepts deliveries while it has room, and completes each of them
 * exactly once. Used on the event loop of its channel only.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5321#section-3.3">RFC 5321, 3.3</a>
 */
public final class RelayConnection implements CommandPipe.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(RelayConnection.class);

    /** Receives the events of a connection. */
    public interface Owner {
        /** Called when TCP has connected, so that competing attempts can be dropped. */
        void connected(RelayConnection connection);

        /** Called when the session is ready for mail. */
        void opened(RelayConnection connection);

        /** Called if the session cannot be opened; {@link #closed} does not follow. */
        void openFailed(RelayConnection connection, OpenFailure failure);

        /** Called when the connection may have room for more deliveries, or has become idle. */
        void roomFor(RelayConnection connection);

        /** Called when an opened session has ended. All its deliveries are complete. */
        void closed(RelayConnection connection, ConnectionLoss loss);
    }

    // Surplus replies after which the connection is closed.
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

    /** Connects. The owner is told the result. */
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

    /** Returns the number of completed messages, delivered or not. */
    public int completed() {
        return completed;
    }

    public boolean isOpen() {
        return state == State.OPEN;
    }

    /** Returns whether the session is open with no delivery in flight. */
    public boolean isIdle() {
        return state == State.OPEN && inFlight.isEmpty();
    }

    /** Returns the number of deliveries in flight. */
    public int inFlight() {
        return inFlight.size();
    }

    /** Returns the maximum number of recipients per transaction. */
    public int maxRecipients() {
        return Math.min(session.limits().maxRecipients(), capabilities.limit("RCPTMAX", Integer.MAX_VALUE));
    }

    /** Returns the number of deliveries that may be submitted now. */
    public int room() {
        if (state != State.OPEN) {
            return 0;
        }
        int depth = readsAhead ? session.depth(capabilities) : 1;
        return Math.max(0, Math.min(depth - inFlight.size(), session.mostMessages(capabilities) - started));
    }

    /** Returns whether the limits of either side allow no further message, so that the connection must be closed. */
    public boolean isUsedUp() {
        return started >= session.mostMessages(capabilities);
    }

    /** Returns whether the content must be converted to 7-bit form for this server. */
    public boolean needsSevenBit(Envelope envelope, OutgoingContent content) {
        return Parameters.needsSevenBit(envelope, content, capabilities);
    }

    /** Sends a message. Without room, the delivery completes as {@link Outcome.Unsent} at once. */
    public void submit(Delivery delivery) {
        if (room() == 0) {
            delivery.finish(
                    DeliveryResult.all(session.mta(), delivery.recipients().size(), new Outcome.Unsent()));
            return;
        }
        started++;
        Transaction last = inFlight.peekLast();
        Transaction.Position position = last == null
                ? Transaction.Position.ALONE
                : last.usesBdat() ? Transaction.Position.BEHIND_BDAT : Transaction.Position.BEHIND_DATA;
        Transaction transaction = new Transaction(new Carrier(), delivery, capabilities, secure(), position);
        inFlight.add(transaction);
        transaction.begin();
    }

    /** Returns the version of TLS, or null without TLS. */
    public @Nullable String tlsProtocol() {
        return channel == null ? null : TlsClients.protocol(channel);
    }

    private boolean secure() {
        return tlsProtocol() != null;
    }

    /** Closes the session with QUIT when nothing is in flight. */
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

    /** Closes the connection at once, without QUIT. Deliveries in flight complete as lost. */
    public void abandon() {
        if (state == State.OPENING) {
            state = State.CLOSED;
        }
        pipe.finish();
        Channel made = channel;
        if (made != null) {
            made.close();
        }
    }

    private void quit() {
        pipe.send(Step.command(
                new SmtpCommand.Quit(), session.timeouts().quit(), Step.Order.ALONE, reply -> pipe.finish()));
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
        capabilities = withoutFaulty(offered);
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
            // RFC 5321, 3.8: a server may announce at any time that it closes the connection.
            pipe.serviceClosing(reply);
        } else if (++strays > MAX_STRAYS) {
            pipe.breakOff("too many unexpected replies: " + reply);
        } else {
            // Send one command at a time from now on, or surplus replies would be attributed to other commands.
            LOG.info("event=stray-reply mta=\"{}\" reply=\"{}\"", session.mta(), reply);
            learn(ServerFaults.Fault.PIPELINING, "an unexpected reply: " + reply);
            pipe.setPipelining(false);
            readsAhead = false;
        }
    }

    private ServerCapabilities withoutFaulty(ServerCapabilities offered) {
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

    private void learn(ServerFaults.Fault fault, String reason) {
        session.faults().learn(session.address(), fault, reason);
    }

    private boolean isPipelining() {
        return capabilities.has("PIPELINING");
    }

    @Override
    public void drained() {
        if (state == State.CLOSING && pipe.isDrained()) {
            quit();
        }
    }

    @Override
    public void broken(ConnectionLoss loss) {
        State before = state;
        state = State.CLOSED;
        if (before == State.OPENING) {
            owner.openFailed(this, OpenFailure.connection(session.mta() + ": " + loss.reason()));
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
        owner.closed(this, loss);
    }

    /** Records the extension that the server may not support properly, so that the retry avoids it. */
    private void learnFrom(ConnectionLoss loss, List<Transaction> lost) {
        if (loss.isClean() || lost.isEmpty() || !isPipelining()) {
            return;
        }
        Transaction head = lost.get(0);
        if (lost.size() > 1 && head.awaitsEnd() || head.wasBehind()) {
            // The server closes after each message, and the early next message made its host reset the connection.
            learn(ServerFaults.Fault.READING_AHEAD, loss.reason());
        } else if (completed == 0 && loss.outstanding() > 1) {
            learn(ServerFaults.Fault.PIPELINING, loss.reason());
            readsAhead = false;
        }
        if (completed == 0 && head.usesBdat()) {
            learn(ServerFaults.Fault.CHUNKING, loss.reason());
        }
    }

    /** The view of this connection that a transaction has. */
    private final class Carrier implements Transaction.Owner {
        @Override
        public Session session() {
            return session;
        }

        @Override
        public CommandPipe pipe() {
            return pipe;
        }

        @Override
        public boolean readsAhead() {
            return readsAhead;
        }

        @Override
        public boolean isPipelining() {
            return RelayConnection.this.isPipelining();
        }

        @Override
        public ContentWriter writer(OutgoingContent content, boolean bdat) {
            return new ContentWriter(content, session.readers(), session.lease(), !bdat, secure());
        }

        @Override
        public Step rset() {
            return Step.command(new SmtpCommand.Rset(), session.timeouts().quit(), Step.Order.FREE, reply -> {
                if (!reply.isPositive()) {
                    close();
                }
            });
        }

        @Override
        public void reset() {
            pipe.sendNext(rset());
        }

        @Override
        public boolean isFollowed(Transaction transaction) {
            return inFlight.peekLast() != transaction;
        }

        @Override
        public void learn(ServerFaults.Fault fault, String reason) {
            RelayConnection.this.learn(fault, reason);
        }

        @Override
        public void close() {
            RelayConnection.this.close();
        }

        @Override
        public void retryByData(Transaction refused, DeliveryResult unsent, SmtpReply reply) {
            learn(ServerFaults.Fault.CHUNKING, reply.toString());
            chunkingRefused = true;
            state = State.CLOSING;
            ended(refused, unsent);
            pipe.finish();
        }

        @Override
        public void mayBeSentTwice(Transaction transaction, String reason) {
            transaction.delivery().listener().mayBeSentTwice(session.mta(), reason);
        }

        @Override
        public void ended(Transaction transaction, DeliveryResult result) {
            inFlight.remove(transaction);
            completed++;
            transaction.delivery().finish(result);
            if (state == State.OPEN) {
                owner.roomFor(RelayConnection.this);
            }
        }
    }

    @Override
    public String toString() {
        return "RelayConnection[" + session.mta() + " " + state + "]";
    }
}
