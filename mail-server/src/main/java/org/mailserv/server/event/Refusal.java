package org.mailserv.server.event;

import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.account.MailboxName;

/**
 * A negative reply to MAIL, to RCPT or to the end of a message.
 *
 * @param account the account of a session that is logged in, for {@link Stage#SENDER}
 * @param recipient the recipient, for {@link Stage#RECIPIENT}
 */
public record Refusal(
        Stage stage,
        ClientSession client,
        @Nullable MailboxName account,
        ReversePath sender,
        @Nullable Address recipient,
        SmtpReply reply) {

    /** The object of a refusal. */
    public enum Stage {
        /** The account may not use the sender's address. */
        SENDER,
        RECIPIENT,
        /** The message as a whole. */
        MESSAGE
    }

    /** Creates the refusal of a sender address that does not belong to the account. */
    public static Refusal sender(ClientSession client, MailboxName account, Address sender, SmtpReply reply) {
        return new Refusal(Stage.SENDER, client, account, new ReversePath(sender), null, reply);
    }

    /** Creates the refusal of a recipient. */
    public static Refusal recipient(ClientSession client, ReversePath sender, Address recipient, SmtpReply reply) {
        return new Refusal(Stage.RECIPIENT, client, null, sender, recipient, reply);
    }

    /** Creates the refusal of a message after its content. */
    public static Refusal message(ClientSession client, ReversePath sender, SmtpReply reply) {
        return new Refusal(Stage.MESSAGE, client, null, sender, null, reply);
    }
}
