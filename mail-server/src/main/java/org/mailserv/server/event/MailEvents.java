package org.mailserv.server.event;

/**
 * Receives the events of mail. The server reports each fact once, as a record; the log, the counters, the plots and the message trace
 * listen. Methods are called on the thread of the fact, which may be an event loop: they return at once and never block.
 */
public interface MailEvents {
    /** Ignores all events. */
    MailEvents NONE = new MailEvents() {};

    /** A message was stored and may be acknowledged. */
    default void accepted(AcceptedMessage event) {}

    /** A sender, a recipient or a whole message was refused. */
    default void refused(Refusal event) {}

    /** A filter had a message discarded after a positive reply. */
    default void discarded(DiscardedMessage event) {}

    /** A message could not be stored, and the client was told so. */
    default void notStored(UnstoredMessage event) {}

    /** The checks before acceptance came to a verdict about a message. */
    default void checked(CheckedMessage event) {}

    /** A message was delivered to a mailbox of this server. */
    default void delivered(LocalDelivery event) {}

    /** Another server accepted a message for a recipient. */
    default void delivered(RemoteDelivery event) {}

    /** Another server did not accept a message for a recipient now. It is tried again. */
    default void deferred(RemoteDelivery event) {}

    /** No server of a destination could be asked now. The message is tried again. */
    default void deferred(DestinationFailure event) {}

    /** Another server refused a message for a recipient for good. */
    default void failed(RemoteDelivery event) {}

    /** A destination cannot be delivered to at all. */
    default void failed(DestinationFailure event) {}

    /** A message exceeded its time in the queue and is given up for a destination. */
    default void expired(DestinationFailure event) {}

    /** A bounce, or another notice about a message, was stored for its sender. */
    default void bounced(SentNotice event) {}

    /** A client logged in. */
    default void loggedIn(Login event) {}

    /** A login was refused. */
    default void loginFailed(FailedLogin event) {}

    /** Outgoing mail of an account was put on hold because of its unusual volume. */
    default void restricted(RestrictedAccount event) {}

    /** Something else happened to a message that its trace must show. */
    default void noted(MessageNote event) {}
}
