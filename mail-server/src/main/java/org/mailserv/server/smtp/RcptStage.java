package org.mailserv.server.smtp;

import static org.mailserv.server.smtp.SessionContext.done;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.smtp.EsmtpParameters;
import org.mailserv.codec.smtp.SmtpCommand;
import org.mailserv.codec.smtp.SmtpReplies;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.check.MessageChecks;
import org.mailserv.server.delivery.RecipientRouter.Routing;
import org.mailserv.server.event.Refusal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Handles RCPT: routes a recipient, checks it, and adds it to the transaction. RFC 5321, 4.1.1.3. */
final class RcptStage {
    private static final Logger LOG = LoggerFactory.getLogger(RcptStage.class);

    private final SessionContext session;
    private final Map<String, RcptParameter> parameters;

    /** @param parameters the known parameters, by keyword in upper case */
    RcptStage(SessionContext session, Map<String, RcptParameter> parameters) {
        this.session = session;
        this.parameters = parameters;
    }

    /**
     * Returns the refusal of a recipient without a domain, from a client that must not leave it out; else null. Every client may write to
     * postmaster without a domain. RFC 5321, 4.1.1.3.
     */
    static @Nullable SmtpReply bareRecipient(SessionContext session, SmtpCommand.Rcpt rcpt) {
        Address address = rcpt.address();
        return AddressRules.isBare(address) && !address.isPostmaster() && !session.mayOmitDomain()
                ? AddressRules.BARE_RECIPIENT
                : null;
    }

    CompletionStage<SmtpReply> rcpt(SmtpCommand.Rcpt rcpt) {
        SmtpTransaction open = session.transaction.get();
        if (open == null) {
            return done(SmtpReplies.R503_MAIL_FIRST);
        }
        SmtpReply malformed = AddressRules.malformed(session.config(), rcpt.form(), "5.1.3");
        if (malformed != null) {
            return done(malformed);
        }
        RcptOptions options = new RcptOptions();
        SmtpReply refusal = apply(rcpt, options, open);
        if (refusal != null) {
            return done(refusal);
        } else if (open.accepted() >= session.config().maxRecipients()) {
            return done(SmtpReplies.R452_TOO_MANY_RECIPIENTS);
        }
        boolean mayRelay = session.client.mayRelay() && !session.endpoint.isLmtp();
        CompletionStage<Routing> routing =
                session.services.router().route(rcpt.address(), options.originalRecipient, options.notifyOn, mayRelay);
        return session.resume(routing)
                .handle((answer, failure) -> routed(open, rcpt.address(), answer, failure))
                .thenCompose(stage -> stage);
    }

    /** Applies the parameters in the order of the client. Returns the first refusal, or null; unknown keywords come first. */
    private @Nullable SmtpReply apply(SmtpCommand.Rcpt rcpt, RcptOptions options, SmtpTransaction open) {
        EsmtpParameters given = rcpt.parameters();
        if (!parameters.keySet().containsAll(given.keywords())) {
            return SmtpReplies.R555_PARAMETER;
        } else if (rcpt.form().utf8() && !open.smtpUtf8) {
            return SmtpReplies.R553_UTF8_NOT_ALLOWED;
        }
        for (String keyword : given.keywords()) {
            RcptParameter parameter = parameters.get(keyword);
            String value = given.get(keyword);
            SmtpReply refusal = parameter == null || value == null
                    ? SmtpReplies.R555_PARAMETER
                    : parameter.apply(value, options, open);
            if (refusal != null) {
                return refusal;
            }
        }
        return null;
    }

    private CompletionStage<SmtpReply> routed(
            SmtpTransaction open, Address address, @Nullable Routing answer, @Nullable Throwable failure) {
        if (answer instanceof Routing.Refused refused) {
            return done(refused(open, address, refused.reply()));
        } else if (answer instanceof Routing.Accepted accepted) {
            return routed(open, address, accepted);
        }
        LOG.error("event=rcpt-failed session={}", session.id, failure);
        return done(SmtpReplies.R451_UNAVAILABLE);
    }

    private CompletionStage<SmtpReply> routed(SmtpTransaction open, Address address, Routing.Accepted accepted) {
        CompletableFuture<@Nullable SmtpReply> checked = session.services
                .checks()
                .recipient(session.checkedClient(), open.sender, address)
                .toCompletableFuture();
        if (checked.isDone() && !checked.isCompletedExceptionally()) {
            return checked(open, address, accepted, checked.join());
        }
        return session.resume(checked)
                .handle((refusal, failure) -> {
                    if (failure != null) {
                        LOG.error("event=rcpt-failed session={}", session.id, failure);
                        return done(SmtpReplies.R451_UNAVAILABLE);
                    }
                    return checked(open, address, accepted, refusal);
                })
                .thenCompose(stage -> stage);
    }

    private CompletionStage<SmtpReply> checked(
            SmtpTransaction open, Address address, Routing.Accepted accepted, @Nullable SmtpReply refusal) {
        if (refusal != null) {
            return done(refused(open, address, refusal));
        }
        MessageChecks.EnvelopeInspection envelope = envelopeInspection(open);
        if (envelope == null) {
            return done(added(open, accepted));
        }
        return session.resume(envelope.recipient(address), (rejection, failure) -> {
            if (failure != null) {
                LOG.error("event=rcpt-failed session={}", session.id, failure);
                return SmtpReplies.R451_UNAVAILABLE;
            }
            return rejection != null ? refused(open, address, rejection) : added(open, accepted);
        });
    }

    /** Returns the inspection that sees each recipient of this message before its content, or null. */
    private MessageChecks.@Nullable EnvelopeInspection envelopeInspection(SmtpTransaction open) {
        InetAddress address = session.client.address;
        if (open.firstRecipient() && address != null && !session.endpoint.isLmtp() && !session.transaction.isClosed()) {
            open.envelopeInspection =
                    session.services.checks().beginEnvelope(session.facts(open, address, "", List.of()));
        }
        return open.envelopeInspection;
    }

    private SmtpReply added(SmtpTransaction open, Routing.Accepted accepted) {
        open.add(accepted);
        session.transaction.noteProgress();
        return SmtpReplies.R250_RECIPIENT_OK;
    }

    private SmtpReply refused(SmtpTransaction open, Address recipient, SmtpReply reply) {
        session.services.events().refused(Refusal.recipient(session.origin(), open.sender, recipient, reply));
        open.refuse();
        return reply;
    }
}
