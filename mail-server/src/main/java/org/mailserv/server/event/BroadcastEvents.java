package org.mailserv.server.event;

import java.util.List;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Passes each event to several listeners. A failure of one of them is logged and goes no further: it must not harm the mail. */
public final class BroadcastEvents implements MailEvents {
    private static final Logger LOG = LoggerFactory.getLogger(BroadcastEvents.class);

    private final MailEvents[] listeners;

    /** @param listeners in the order in which they receive each event */
    public BroadcastEvents(List<MailEvents> listeners) {
        this.listeners = listeners.toArray(MailEvents[]::new);
    }

    private <E> void each(E event, BiConsumer<MailEvents, E> method) {
        for (MailEvents listener : listeners) {
            try {
                method.accept(listener, event);
            } catch (RuntimeException e) {
                LOG.error(
                        "event=listener-failed listener={}", listener.getClass().getSimpleName(), e);
            }
        }
    }

    @Override
    public void accepted(AcceptedMessage event) {
        each(event, MailEvents::accepted);
    }

    @Override
    public void refused(Refusal event) {
        each(event, MailEvents::refused);
    }

    @Override
    public void discarded(DiscardedMessage event) {
        each(event, MailEvents::discarded);
    }

    @Override
    public void notStored(UnstoredMessage event) {
        each(event, MailEvents::notStored);
    }

    @Override
    public void checked(CheckedMessage event) {
        each(event, MailEvents::checked);
    }

    @Override
    public void delivered(LocalDelivery event) {
        each(event, MailEvents::delivered);
    }

    @Override
    public void delivered(RemoteDelivery event) {
        each(event, MailEvents::delivered);
    }

    @Override
    public void deferred(RemoteDelivery event) {
        each(event, MailEvents::deferred);
    }

    @Override
    public void deferred(DestinationFailure event) {
        each(event, MailEvents::deferred);
    }

    @Override
    public void failed(RemoteDelivery event) {
        each(event, MailEvents::failed);
    }

    @Override
    public void failed(DestinationFailure event) {
        each(event, MailEvents::failed);
    }

    @Override
    public void expired(DestinationFailure event) {
        each(event, MailEvents::expired);
    }

    @Override
    public void bounced(SentNotice event) {
        each(event, MailEvents::bounced);
    }

    @Override
    public void loggedIn(Login event) {
        each(event, MailEvents::loggedIn);
    }

    @Override
    public void loginFailed(FailedLogin event) {
        each(event, MailEvents::loginFailed);
    }

    @Override
    public void restricted(RestrictedAccount event) {
        each(event, MailEvents::restricted);
    }

    @Override
    public void noted(MessageNote event) {
        each(event, MailEvents::noted);
    }
}
