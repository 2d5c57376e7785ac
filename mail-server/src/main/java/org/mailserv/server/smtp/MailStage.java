package org.mailserv.server.smtp;

import static org.mailserv.server.smtp.SessionContext.done;

import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.codec.smtp.EsmtpParameters;
import org.mailserv.codec.smtp.SmtpCommand;
import org.mailserv.codec.smtp.SmtpReplies;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.account.Account;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.account.Resolution;
import org.mailserv.server.event.Refusal;

/** Handles MAIL: decides whether the client may send, and as whom, and begins the transaction. RFC 5321, 4.1.1.2. */
final class MailStage {

    private final SessionContext session;
    private final Map<String, MailParameter> parameters;

    /** @param parameters the known parameters, by keyword in upper case */
    MailStage(SessionContext session, Map<String, MailParameter> parameters) {
        this.session = session;
        this.parameters = parameters;
    }

    /** Returns the refusal of a sender without a domain, from a client that must not leave it out; else null. */
    static @Nullable SmtpReply bareSender(SessionContext session, SmtpCommand.Mail mail) {
        return AddressRules.isBare(mail.path().address()) && !session.mayOmitDomain() ? AddressRules.BARE_SENDER : null;
    }

    CompletionStage<SmtpReply> mail(SmtpCommand.Mail given) {
        SmtpCommand.Mail mail = qualified(given);
        Account login = session.client.account;
        if (login != null && !session.services.accounts().isCurrent(login)) {
            return done(SmtpReplies.R421_LOGIN_ENDED);
        } else if (session.endpoint.isSubmission() && !session.client.mayRelay()) {
            return done(SmtpReplies.R530_AUTHENTICATION_REQUIRED);
        } else if (!session.client.extended && !mail.parameters().isEmpty()) {
            return done(SmtpReplies.R555_PARAMETER);
        }
        SmtpReply malformed = AddressRules.malformed(session.config(), mail.form(), "5.1.7");
        if (malformed != null) {
            return done(malformed);
        }
        MailOptions options = new MailOptions();
        SmtpReply refusal = apply(mail, options);
        if (refusal != null) {
            return done(refusal);
        } else if (!session.services.spool().isWritable()) {
            return done(AcceptanceStage.reply(session.services.spool().unwritableReason()));
        }
        return session.resume(session.services.checks().mail(session.checkedClient(), mail.path()))
                .thenCompose(refused -> refused == null ? fromOwner(mail, options) : done(refused));
    }

    /** Applies the parameters in the order of the client. Returns the first refusal, or null. */
    private @Nullable SmtpReply apply(SmtpCommand.Mail mail, MailOptions options) {
        EsmtpParameters given = mail.parameters();
        for (String keyword : given.keywords()) {
            MailParameter parameter = parameters.get(keyword);
            String value = given.get(keyword);
            SmtpReply refusal = parameter == null
                    ? SmtpReplies.R555_PARAMETER
                    : parameter.apply(value == null ? "" : value, options, session);
            if (refusal != null) {
                return refusal;
            }
        }
        return mail.form().utf8() && !options.smtpUtf8 ? SmtpReplies.R553_UTF8_NOT_ALLOWED : null;
    }

    private SmtpCommand.Mail qualified(SmtpCommand.Mail mail) {
        Address sender = mail.path().address();
        if (sender == null || !AddressRules.isBare(sender) || !session.mayOmitDomain()) {
            return mail;
        }
        Address whole =
                new Address(sender.localPart(), session.services.accounts().primaryDomain());
        return new SmtpCommand.Mail(new ReversePath(whole), mail.parameters(), mail.form());
    }

    private CompletionStage<SmtpReply> fromOwner(SmtpCommand.Mail mail, MailOptions options) {
        Account account = session.client.account;
        Address sender = mail.path().address();
        if (account == null || sender == null || !session.config().checkSender() || owns(account, sender)) {
            return done(begin(mail, options));
        }
        return session.resume(session.services.accounts().resolve(sender), (resolution, failure) -> {
            if (failure != null) {
                return SmtpReplies.R451_UNAVAILABLE;
            } else if (resolution instanceof Resolution.Found found
                    && session.services.accounts().isLocalDomain(sender.domain())
                    && found.mailboxes().contains(account.mailbox())) {
                return begin(mail, options);
            }
            SmtpReply refusal = SmtpReplies.R550_SENDER_NOT_OWNED;
            session.services.events().refused(Refusal.sender(session.origin(), account.mailbox(), sender, refusal));
            return refusal;
        });
    }

    private static boolean owns(Account account, Address sender) {
        MailboxName name = new MailboxName(sender.domain(), sender.localPart());
        return name.equals(account.mailbox())
                || account.senders().contains(name.toString())
                || account.senders().contains("@" + sender.domain());
    }

    private SmtpReply begin(SmtpCommand.Mail mail, MailOptions options) {
        session.transaction.begin(options.begin(session.services.hostname(), mail.path()));
        return SmtpReplies.R250_SENDER_OK;
    }
}
