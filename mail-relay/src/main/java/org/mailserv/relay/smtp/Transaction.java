package org.mailserv.relay.smtp;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.EnhancedStatus;
import org.mailserv.codec.smtp.SmtpCommand;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.relay.config.ClientTimeouts;
import org.mailserv.server.spool.Recipient;

/** A mail transaction for one message: sends MAIL, RCPT, and DATA or BDAT, and evaluates the replies. RFC 5321, 3.3. */
final class Transaction {
    // A BDAT chunk above this size is sent only after the replies to RCPT, which may refuse all recipients.
    private static final int EAGER = 256 * 1024;
    private static final Pattern OUT_OF_STEP = Pattern.compile("pipelin|synchroni[sz]", Pattern.CASE_INSENSITIVE);

    /** The position of a transaction in the pipeline. */
    enum Position {
        /** All replies to the previous message have arrived. */
        ALONE,
        /** Sent before the reply to the end of a message that was sent with DATA. That reply ends the transaction in any case. */
        BEHIND_DATA,
        /**
         * Sent before the replies to a message that is sent with BDAT. Servers such as Exim keep a transaction open whose BDAT failed,
         * and would add the recipients and the content of this one to it. RFC 3030, 2.
         */
        BEHIND_BDAT
    }

    /** The connection that carries transactions. */
    interface Owner {
        Session session();

        CommandPipe pipe();

        /** Returns whether a message may be sent before the reply to the previous one. */
        boolean readsAhead();

        boolean isPipelining();

        ContentWriter writer(OutgoingContent content, boolean bdat);

        /** Returns the command that ends whatever transaction the server still has open. RFC 5321, 4.1.1.5. */
        Step rset();

        /** Sends RSET before everything that is queued. */
        void reset();

        /** Returns whether a transaction was submitted behind this one. */
        boolean isFollowed(Transaction transaction);

        void learn(ServerFaults.Fault fault, String reason);

        void close();

        /**
         * Handles a server that offers CHUNKING but rejects BDAT. Messages are resent with DATA in another connection, because the
         * server may interpret the chunk on this one as commands.
         */
        void retryByData(Transaction refused, DeliveryResult unsent, SmtpReply reply);

        void mayBeSentTwice(Transaction transaction, String reason);

        void ended(Transaction transaction, DeliveryResult result);
    }

    private final Owner connection;
    private final Delivery delivery;
    private final Parameters parameters;
    private final ClientTimeouts timeouts;
    private final @Nullable Outcome[] outcomes;
    private final Deque<Integer> accepted = new ArrayDeque<>();
    private final Position position;
    private @Nullable ContentWriter writer;
    private int rcptsAnswered;
    private boolean mailAnswered;
    private boolean mailAccepted;
    /** Set if a reply was malformed, so that the server may have accepted what was read as a rejection. */
    private boolean doubtful;

    private boolean finished;

    Transaction(
            Owner connection, Delivery delivery, ServerCapabilities capabilities, boolean secure, Position position) {
        this.position = position;
        this.connection = connection;
        this.delivery = delivery;
        this.parameters =
                new Parameters(delivery, capabilities, connection.session().route(), secure);
        this.timeouts = connection.session().timeouts();
        this.outcomes = new @Nullable Outcome[delivery.recipients().size()];
    }

    Delivery delivery() {
        return delivery;
    }

    boolean wasBehind() {
        return position != Position.ALONE;
    }

    boolean usesBdat() {
        return parameters.useBdat();
    }

    /** Returns whether only the reply to the end of the message is outstanding. */
    boolean awaitsEnd() {
        return isContentWritten() && rcptsAnswered == outcomes.length;
    }

    private boolean isContentWritten() {
        return writer != null && writer.isWritten();
    }

    void begin() {
        Outcome impossible = parameters.impossible();
        if (impossible != null) {
            Arrays.fill(outcomes, impossible);
            finish();
            return;
        }
        CommandPipe pipe = connection.pipe();
        if (position == Position.BEHIND_BDAT) {
            pipe.enqueue(connection.rset());
        }
        pipe.enqueue(Step.command(parameters.mail(), timeouts.mail(), Step.Order.FREE, this::onMail));
        List<Integer> recipients = delivery.recipients();
        for (int i = 0; i < recipients.size(); i++) {
            int index = i;
            Recipient recipient = delivery.envelope().recipients().get(recipients.get(i));
            pipe.enqueue(Step.command(
                            parameters.rcpt(recipient), timeouts.rcpt(), Step.Order.FREE, reply -> onRcpt(index, reply))
                    .onlyIf(this::mayBeTaken));
        }
        if (parameters.useBdat()) {
            sendBdat(pipe);
        } else {
            pipe.enqueue(
                    Step.command(new SmtpCommand.Data(), timeouts.dataStart(), Step.Order.LAST_IN_GROUP, this::onData)
                            .onlyIf(this::isWanted));
        }
        // The whole group leaves with one flush. RFC 2920, 3.1
        pipe.sendQueued();
    }

    private void sendBdat(CommandPipe pipe) {
        long length = delivery.content().length();
        // A server that closes after each message must show that it is still connected before it is sent the next one.
        boolean waits = length > EAGER || !connection.readsAhead();
        Step.Order order = waits ? Step.Order.AFTER_REPLIES : Step.Order.FREE;
        pipe.enqueue(Step.command(new SmtpCommand.Bdat(length, true), timeouts.dataEnd(), order, this::onEnd)
                .onlyIf(this::isWanted));
        ContentWriter chunk = connection.writer(delivery.content(), true);
        writer = chunk;
        pipe.enqueue(Step.content(chunk, 0, timeouts.dataEnd(), reply -> {}).onlyIf(() -> !finished));
    }

    /** Returns false after MAIL was rejected, so that without PIPELINING no RCPT is sent. */
    private boolean mayBeTaken() {
        return !mailAnswered || mailAccepted;
    }

    /** Returns false after all recipients were rejected, and then ends the transaction. */
    private boolean isWanted() {
        boolean allAnswered = rcptsAnswered == outcomes.length;
        if (finished) {
            return false;
        } else if (mailAnswered && !mailAccepted || allAnswered && accepted.isEmpty()) {
            if (mailAccepted || doubtful) {
                connection.reset();
            }
            finish();
            return false;
        }
        return true;
    }

    private void onMail(SmtpReply reply) {
        mailAnswered = true;
        doubtful |= reply.form() != SmtpReply.Form.REGULAR;
        if (reply.code() / 100 == 2) {
            mailAccepted = true;
        } else {
            Arrays.fill(outcomes, refused(reply));
        }
    }

    private void onRcpt(int index, SmtpReply reply) {
        rcptsAnswered++;
        doubtful |= reply.form() != SmtpReply.Form.REGULAR;
        if (!mailAccepted) {
            return;
        } else if (reply.code() / 100 == 2) {
            accepted.add(index);
        } else if (isTooMany(reply) && !accepted.isEmpty()) {
            // RFC 5321, 4.5.3.1.10: the other recipients are sent in a separate transaction at once.
            outcomes[index] = new Outcome.Unsent();
        } else {
            outcomes[index] = refused(reply);
        }
    }

    private static boolean isTooMany(SmtpReply reply) {
        return (reply.code() == 452 || reply.code() == 552)
                && (reply.text().toLowerCase(Locale.ROOT).contains("too many")
                        || reply.status() != null
                                && reply.status().subject() == 5
                                && reply.status().detail() == 3);
    }

    /** Maps an unexpected positive reply to a deferral, because it says nothing about the recipient. */
    private static Outcome judged(SmtpReply reply) {
        return reply.isPositive() ? Outcome.deferred(5, 0, "unexpected reply: " + reply) : Outcome.refused(reply);
    }

    /** Evaluates a rejection. If the server rejects the PIPELINING that it offers, the message is retried one command at a time. */
    private Outcome refused(SmtpReply reply) {
        if (connection.isPipelining()
                && reply.isPermanent()
                && OUT_OF_STEP.matcher(reply.text()).find()) {
            connection.learn(ServerFaults.Fault.PIPELINING, reply.toString());
            connection.close();
            return Outcome.deferred(5, 0, "the server offers PIPELINING but rejects it: " + reply);
        }
        return judged(reply);
    }

    private void onData(SmtpReply reply) {
        if (reply.code() / 100 == 3) {
            if (accepted.isEmpty() && doubtful) {
                finish();
                connection.pipe().breakOff("the server accepts DATA for recipients that it appeared to reject");
            } else if (accepted.isEmpty()) {
                // RFC 2920, 3.1: DATA was accepted without valid recipients; send an empty message.
                sendEmpty();
            } else {
                int replies = connection.session().route().lmtp() ? accepted.size() : 1;
                ContentWriter body = connection.writer(delivery.content(), false);
                writer = body;
                connection.pipe().sendNext(Step.content(body, replies, timeouts.dataEnd(), this::onEnd));
            }
            return;
        }
        fillAccepted(refused(reply));
        if (mailAccepted && !reply.isPositive()) {
            connection.reset();
        }
        finish();
        if (reply.isPositive()) {
            // The sides may disagree on whether commands or content come next.
            connection.pipe().breakOff("unexpected reply to DATA: " + reply);
        }
    }

    private void sendEmpty() {
        ContentWriter nothing = connection.writer(OutgoingContent.empty(), false);
        connection.pipe().sendNext(Step.content(nothing, 1, timeouts.dataEnd(), reply -> finish()));
    }

    /** Handles the reply to the message or, with LMTP, to one recipient's copy. */
    private void onEnd(SmtpReply reply) {
        boolean taken = reply.code() / 100 == 2;
        // Without an accepted recipient the reply is about the recipients, not about BDAT.
        boolean byData = parameters.useBdat() && !accepted.isEmpty() && refusesBdat(reply);
        Outcome outcome = taken
                ? new Outcome.Delivered(reply.toString())
                : byData ? new Outcome.Unsent() : reply.isPositive() ? uncertain(reply.toString()) : refused(reply);
        if (connection.session().route().lmtp()) {
            Integer index = accepted.poll();
            if (index != null) {
                outcomes[index] = outcome;
            }
            if (!accepted.isEmpty()) {
                return;
            }
        } else {
            fillAccepted(outcome);
            if (byData && !finished) {
                finished = true;
                connection.retryByData(this, result(), reply);
                return;
            } else if (!taken && parameters.useBdat() && !connection.isFollowed(this)) {
                connection.reset();
            }
        }
        finish();
    }

    /** Returns whether a reply rejects the BDAT command, and not the message. */
    private static boolean refusesBdat(SmtpReply reply) {
        EnhancedStatus status = reply.status();
        if (!reply.isPermanent()) {
            return false;
        } else if (reply.code() >= 500 && reply.code() <= 504 || reply.code() == 555) {
            return true;
        }
        return status == null ? reply.code() != 552 : status.subject() == 5 && status.detail() != 3;
    }

    private Outcome uncertain(String reason) {
        connection.mayBeSentTwice(this, reason);
        return Outcome.uncertain("the message was sent, but the server's reply was not understood: " + reason);
    }

    private void fillAccepted(Outcome outcome) {
        accepted.forEach(index -> outcomes[index] = outcome);
        accepted.clear();
    }

    /**
     * Ends the transaction after the connection was lost. Outcomes of replies that have arrived remain.
     *
     * @param first whether this was the first message of the connection; a later one without a reply may be retried at once,
     *     because earlier replies show that the server works
     * @param head whether its reply was due next, so that the server may have accepted it
     */
    void lost(ConnectionLoss loss, boolean first, boolean head) {
        if (finished) {
            return;
        }
        boolean untouched = loss.how() == ConnectionLoss.How.CLOSED_BY_SERVER && !mailAnswered;
        boolean uncertain = head
                && isContentWritten()
                && !loss.isClean()
                && !untouched
                && (!mailAnswered || mailAccepted)
                && !(rcptsAnswered == outcomes.length && accepted.isEmpty());
        if (uncertain) {
            connection.mayBeSentTwice(this, loss.reason());
        }
        Outcome outcome = uncertain
                ? Outcome.uncertain(loss.reason())
                : !head || !first && !mailAnswered ? new Outcome.Unsent() : outcomeOf(loss);
        for (int i = 0; i < outcomes.length; i++) {
            if (outcomes[i] == null) {
                outcomes[i] = outcome;
            }
        }
        finished = true;
        delivery.finish(result());
    }

    private static Outcome outcomeOf(ConnectionLoss loss) {
        // A 421 is the server's own reply; every other reason comes from this side.
        return loss.how() == ConnectionLoss.How.SERVICE_CLOSING
                ? new Outcome.Deferred(new EnhancedStatus(4, 3, 2), loss.reason())
                : Outcome.deferred(4, 2, loss.reason());
    }

    private void finish() {
        if (!finished) {
            finished = true;
            connection.ended(this, result());
        }
    }

    private DeliveryResult result() {
        for (int i = 0; i < outcomes.length; i++) {
            if (outcomes[i] == null) {
                outcomes[i] = new Outcome.Unsent();
            }
        }
        @SuppressWarnings("NullAway") // Every element was set above.
        List<Outcome> all = List.of(outcomes);
        return new DeliveryResult(connection.session().mta(), all, parameters.passesDsnOn());
    }
}
