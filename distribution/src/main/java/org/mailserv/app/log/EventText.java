package org.mailserv.app.log;

import java.util.List;
import java.util.Locale;
import org.mailserv.codec.address.Address;
import org.mailserv.server.event.AcceptedMessage;
import org.mailserv.server.event.ClientSession;
import org.mailserv.server.event.DestinationFailure;
import org.mailserv.server.event.DiscardedMessage;
import org.mailserv.server.event.FailedLogin;
import org.mailserv.server.event.LocalDelivery;
import org.mailserv.server.event.Login;
import org.mailserv.server.event.MessageNote;
import org.mailserv.server.event.Refusal;
import org.mailserv.server.event.RemoteDelivery;
import org.mailserv.server.event.RestrictedAccount;
import org.mailserv.server.event.SentNotice;
import org.mailserv.server.event.UnstoredMessage;
import org.mailserv.server.spool.Recipient;

/** Renders events as text, {@code event=NAME key=value ...}. Operators and their tools rely on the names and keys: they never change. */
final class EventText {
    static final String DELIVERED = "delivered";
    static final String DEFERRED = "deferred";
    static final String REFUSED = "refused";
    static final String EXPIRED = "expired";

    private static final int LISTED_RECIPIENTS = 20;

    private final StringBuilder text = new StringBuilder(192);

    private EventText(String event) {
        text.append("event=").append(event);
    }

    static String of(AcceptedMessage event) {
        EventText line = new EventText("message-accepted");
        ClientSession origin = event.origin();
        if (origin == null) {
            return line.word("source", "pickup")
                    .word("file", String.valueOf(event.file()))
                    .word("id", event.id())
                    .address("from", event.sender())
                    .number("recipients", event.recipients().size())
                    .toString();
        }
        return line.word("session", origin.session())
                .word("id", event.id())
                .word("peer", origin.peer())
                .address("from", event.sender())
                .number("recipients", event.recipients().size())
                .recipients(event.recipients())
                .number("octets", event.octets())
                .toString();
    }

    static String of(Refusal event) {
        return switch (event.stage()) {
            case SENDER ->
                new EventText("sender-refused")
                        .word("session", event.client().session())
                        .word("account", String.valueOf(event.account()))
                        .address("from", event.sender())
                        .toString();
            case RECIPIENT ->
                new EventText("rcpt-refused")
                        .client(event.client())
                        .address("from", event.sender())
                        .address("to", String.valueOf(event.recipient()))
                        .quoted("reply", event.reply())
                        .toString();
            case MESSAGE ->
                new EventText("message-refused")
                        .client(event.client())
                        .address("from", event.sender())
                        .quoted("reply", event.reply())
                        .toString();
        };
    }

    static String of(DiscardedMessage event) {
        return new EventText("message-discarded")
                .word("session", event.client().session())
                .word("id", event.id())
                .word("peer", event.client().peer())
                .address("from", event.sender())
                .toString();
    }

    static String of(UnstoredMessage event) {
        return new EventText("message-not-stored")
                .word("session", event.client().session())
                .word("id", event.id())
                .word("reason", event.cause())
                .toString();
    }

    static String of(LocalDelivery event) {
        return new EventText(DELIVERED)
                .word("id", event.id())
                .word("mailbox", event.mailbox())
                .toString();
    }

    static String of(String name, RemoteDelivery event) {
        return new EventText(name)
                .word("id", event.id())
                .address("to", event.recipient())
                .quoted("mta", event.mta())
                .quoted("reply", event.reply())
                .toString();
    }

    static String of(String name, DestinationFailure event) {
        return new EventText(name)
                .word("id", event.id())
                .word("domain", event.domain())
                .quoted("reason", event.reason())
                .toString();
    }

    static String of(SentNotice event) {
        String name = event.kind() == SentNotice.Kind.FAILED ? "bounced" : label(event.kind()) + "-notice";
        return new EventText(name)
                .word("id", event.id())
                .word("about", event.about())
                .address("to", event.to())
                .toString();
    }

    static String of(Login event) {
        return switch (event.protocol()) {
            case SMTP ->
                new EventText("login")
                        .client(event.client())
                        .word("account", event.account())
                        .toString();
            case POP3 ->
                new EventText("pop3-login")
                        .word("session", event.client().session())
                        .word("mailbox", event.account())
                        .number("messages", event.messages())
                        .toString();
        };
    }

    static String of(FailedLogin event) {
        EventText line = new EventText(event.protocol() == Login.Protocol.POP3 ? "pop3-login-failed" : "login-failed");
        if (event.session() != null) {
            line.word("session", event.session());
        }
        return line.word("peer", event.peer())
                .word("login", event.login())
                .quoted("reason", event.reason())
                .toString();
    }

    static String of(RestrictedAccount event) {
        return new EventText("account-braked")
                .word("account", event.account())
                .quoted("reason", event.reason())
                .toString();
    }

    static String of(MessageNote event) {
        EventText line = new EventText(name(event.kind())).word("id", event.id());
        for (MessageNote.Detail detail : event.details()) {
            switch (detail.form()) {
                case WORD -> line.word(detail.key(), detail.value());
                case TEXT -> line.quoted(detail.key(), detail.value());
                case ADDRESS -> line.address(detail.key(), detail.value());
            }
        }
        return line.toString();
    }

    private static String name(MessageNote.Kind kind) {
        // The failure of all mailboxes has the name of one that failed, without naming it.
        return label(kind == MessageNote.Kind.MAILBOXES_FAILED ? MessageNote.Kind.MAILBOX_FAILED : kind);
    }

    private static String label(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private EventText client(ClientSession client) {
        return word("session", client.session()).word("peer", client.peer());
    }

    private EventText word(String key, Object value) {
        text.append(' ').append(key).append('=').append(value);
        return this;
    }

    private EventText number(String key, long value) {
        text.append(' ').append(key).append('=').append(value);
        return this;
    }

    private EventText quoted(String key, Object value) {
        text.append(' ').append(key).append("=\"").append(value).append('"');
        return this;
    }

    private EventText address(String key, Object value) {
        text.append(' ').append(key).append("=<").append(value).append('>');
        return this;
    }

    /** Appends the first recipients, as the client wrote them. */
    private EventText recipients(List<Recipient> recipients) {
        text.append(" to=");
        for (int i = 0; i < Math.min(recipients.size(), LISTED_RECIPIENTS); i++) {
            Address original = recipients.get(i).original();
            text.append(i == 0 ? "<" : ",<")
                    .append(original == null ? recipients.get(i).address() : original)
                    .append('>');
        }
        return this;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
