package org.mailserv.server.smtp;

import static org.mailserv.server.smtp.SessionContext.done;

import java.net.InetAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.codec.smtp.SmtpCommand;
import org.mailserv.codec.smtp.SmtpReplies;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.account.Account;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.account.Resolution;
import org.mailserv.server.dns.ClientNames;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Handles MAIL: decides whether the client may send, and as whom, and begins the transaction. RFC 5321, 4.1.1.2. */
final class MailStage {
    private static final Logger LOG = LoggerFactory.getLogger(MailStage.class);

    private final SessionContext session;

    MailStage(SessionContext session) {
        this.session = session;
    }

    CompletionStage<SmtpReply> mail(SmtpCommand.Mail given) {
        SmtpCommand.Mail mail = qualified(given);
        if (AddressRules.isBare(mail.path().address())) {
            return done(AddressRules.BARE_SENDER);
        } else if (session.client.hello == null) {
            return done(SmtpReplies.R503_HELLO_FIRST);
        } else if (session.endpoint.isSubmission() && !session.client.mayRelay()) {
            return done(SmtpReplies.R530_AUTHENTICATION_REQUIRED);
        } else if (session.transaction.isOpen()) {
            return done(SmtpReplies.R503_NESTED_MAIL);
        } else if (!session.client.extended && !mail.parameters().isEmpty()) {
            return done(SmtpReplies.R555_PARAMETER);
        }
        SmtpReply malformed = AddressRules.malformed(session.config(), mail.form(), "5.1.7");
        if (malformed != null) {
            return done(malformed);
        }
        MailParameters parameters = MailParameters.of(mail, session.config().maxMessageSize(), session.client.secure);
        SmtpReply refusal = parameters.refusal();
        if (refusal != null) {
            return done(refusal);
        } else if (!session.services.spool().isWritable()) {
            return done(SmtpReplies.R452_DISK_FULL);
        }
        return nameRefusal().thenCompose(nameless -> nameless == null ? fromOwner(mail, parameters) : done(nameless));
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

    /** Returns the refusal of an unknown client without a confirmed name, where the configuration requires one. RFC 7372, 3.3. */
    private CompletionStage<@Nullable SmtpReply> nameRefusal() {
        SmtpConfig.PtrPolicy policy = session.config().ptr();
        SmtpClientState client = session.client;
        boolean required = policy == SmtpConfig.PtrPolicy.DEFER || policy == SmtpConfig.PtrPolicy.REJECT;
        if (!required || client.mayRelay() || session.endpoint.isLmtp() || client.peer.name() != null) {
            return CompletableFuture.completedFuture(null);
        }
        return session.resume(client.name).thenApply(answer -> {
            if (answer instanceof ClientNames.Answer.Confirmed) {
                return null;
            }
            boolean permanent = answer instanceof ClientNames.Answer.None && policy == SmtpConfig.PtrPolicy.REJECT;
            LOG.info("event=nameless-client session={} peer={}", session.id, client.peer.address());
            return SmtpReply.of(
                    permanent ? 550 : 450,
                    permanent ? "5.7.25" : "4.7.25",
                    "Client host rejected: no forward-confirmed reverse DNS (PTR) record");
        });
    }

    private CompletionStage<SmtpReply> fromOwner(SmtpCommand.Mail mail, MailParameters parameters) {
        Account account = session.client.account;
        Address sender = mail.path().address();
        if (account == null || sender == null || !session.config().checkSender() || owns(account, sender)) {
            return done(begin(mail, parameters));
        }
        return session.resume(session.services.accounts().resolve(sender), (resolution, failure) -> {
            if (failure != null) {
                return SmtpReplies.R451_UNAVAILABLE;
            } else if (resolution instanceof Resolution.Found found
                    && session.services.accounts().isLocalDomain(sender.domain())
                    && found.mailboxes().contains(account.mailbox())) {
                return begin(mail, parameters);
            }
            LOG.info("event=sender-refused session={} account={} from=<{}>", session.id, account.mailbox(), sender);
            return SmtpReplies.R550_SENDER_NOT_OWNED;
        });
    }

    private static boolean owns(Account account, Address sender) {
        MailboxName name = new MailboxName(sender.domain(), sender.localPart());
        return name.equals(account.mailbox())
                || account.senders().contains(name.toString())
                || account.senders().contains("@" + sender.domain());
    }

    private SmtpReply begin(SmtpCommand.Mail mail, MailParameters parameters) {
        InetAddress address = session.client.address;
        SmtpReply limited = address == null || session.client.mayRelay()
                ? null
                : session.services
                        .limits()
                        .atMail(session.account(), address, mail.path().toString());
        if (limited != null) {
            return limited;
        }
        session.transaction.begin(parameters.begin(session.services.hostname(), mail.path()));
        return SmtpReplies.R250_SENDER_OK;
    }
}
