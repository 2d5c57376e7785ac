package org.mailserv.app.server;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.Supplier;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.PathParser;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.codec.header.MailDate;
import org.mailserv.server.delivery.MessageAcceptor;
import org.mailserv.server.delivery.RecipientRouter;
import org.mailserv.server.spool.Arrival;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageWriter;
import org.mailserv.server.spool.Spool;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells people on this server by mail what they have to know. Any thread; returns at once; what cannot be told is logged. */
public final class OperatorNotices {
    private static final Logger LOG = LoggerFactory.getLogger(OperatorNotices.class);

    private final Spool spool;
    private final RecipientRouter router;
    private final MessageAcceptor acceptor;
    private final Supplier<String> primaryDomain;
    private final InstantSource clock;

    OperatorNotices(
            Spool spool,
            RecipientRouter router,
            MessageAcceptor acceptor,
            Supplier<String> primaryDomain,
            InstantSource clock) {
        this.spool = spool;
        this.router = router;
        this.acceptor = acceptor;
        this.primaryDomain = primaryDomain;
        this.clock = clock;
    }

    /** An account has been braked: its owner and the postmaster of its domain are told. */
    void braked(String account, String reason) {
        String domain = account.substring(account.lastIndexOf('@') + 1);
        String text = "Mail from the account " + account + " is being held since now: " + reason + ".\n\n"
                + "If the owner sends a newsletter or the like, the operator lets it go with\n\n"
                + "    mailserv user release " + account + "\n\n"
                + "If not, its password has been stolen, as a rule: change it (`mailserv user passwd " + account
                + "`), look what was\nsent (`mailserv trace " + account + "`), and drop what is held with\n\n"
                + "    mailserv user release --drop " + account + "\n";
        for (String to : List.of(account, "postmaster@" + domain)) {
            send(to, domain, "Mail from " + account + " is held", text);
        }
    }

    /** Sends a message to the postmaster of the primary domain. */
    void toPostmaster(String subject, String text) {
        String domain = primaryDomain.get();
        send("postmaster@" + domain, domain, subject, text);
    }

    private void send(String to, String domain, String subject, String text) {
        Address recipient = PathParser.parseAddress(to);
        if (recipient == null) {
            return;
        }
        router.route(recipient, null, null, false)
                .thenCompose(routing -> {
                    if (!(routing instanceof RecipientRouter.Routing.Accepted accepted)) {
                        throw new IllegalStateException("no mailbox " + to);
                    }
                    MessageWriter writer =
                            spool.newMessage(accepted.recipients().size());
                    String message =
                            "From: Mail Delivery System <postmaster@" + domain + ">\nTo: <" + to + ">\nSubject: "
                                    + subject + "\nDate: " + MailDate.format(clock.instant(), ZoneOffset.UTC)
                                    + "\nMessage-ID: <" + writer.id() + "@" + domain
                                    + ">\n"
                                    + "Auto-Submitted: auto-generated\n"
                                    + "MIME-Version: 1.0\n"
                                    + "Content-Type: text/plain; charset=utf-8\n\n"
                                    + text;
                    writer.append(Unpooled.copiedBuffer(message.replace("\n", "\r\n"), StandardCharsets.UTF_8));
                    Envelope envelope = Envelope.of(
                            writer.id(), ReversePath.NULL, accepted.recipients(), Arrival.local(clock.instant()));
                    return acceptor.accept(writer, envelope, Unpooled.EMPTY_BUFFER);
                })
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        LOG.warn("event=notice-not-sent to=<{}> reason=\"{}\"", to, Failures.text(failure));
                    }
                });
    }
}
