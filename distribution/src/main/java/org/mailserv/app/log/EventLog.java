package org.mailserv.app.log;

import org.jspecify.annotations.Nullable;
import org.mailserv.server.event.AcceptedMessage;
import org.mailserv.server.event.DestinationFailure;
import org.mailserv.server.event.DiscardedMessage;
import org.mailserv.server.event.FailedLogin;
import org.mailserv.server.event.LocalDelivery;
import org.mailserv.server.event.Login;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.event.MessageNote;
import org.mailserv.server.event.MessageNote.Severity;
import org.mailserv.server.event.Refusal;
import org.mailserv.server.event.RemoteDelivery;
import org.mailserv.server.event.RestrictedAccount;
import org.mailserv.server.event.SentNotice;
import org.mailserv.server.event.UnstoredMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes events as lines to the log and, if they name a message, to the message trace. Each line is rendered once for both. The level of the
 * log has no influence on the trace. Thread-safe.
 */
public final class EventLog implements MailEvents {
    private static final Logger LOG = LoggerFactory.getLogger(MailEvents.class);

    private final @Nullable MessageTrace trace;

    /** @param trace the message trace, or null if none is kept */
    public EventLog(@Nullable MessageTrace trace) {
        this.trace = trace;
    }

    @Override
    public void accepted(AcceptedMessage event) {
        if (isTraced(Severity.INFO)) {
            String text = EventText.of(event);
            LOG.info(text);
            if (trace != null) {
                // The subject is part of the content, which is nobody's business who reads the log.
                trace.write(System.currentTimeMillis(), text + trace.subject(event.subject()), false);
            }
        }
    }

    @Override
    public void refused(Refusal event) {
        if (LOG.isInfoEnabled()) {
            LOG.info(EventText.of(event));
        }
    }

    @Override
    public void discarded(DiscardedMessage event) {
        if (isTraced(Severity.INFO)) {
            trace(Severity.INFO, EventText.of(event), null);
        }
    }

    @Override
    public void notStored(UnstoredMessage event) {
        if (isTraced(Severity.WARNING)) {
            trace(Severity.WARNING, EventText.of(event), null);
        }
    }

    @Override
    public void delivered(LocalDelivery event) {
        if (isTraced(Severity.INFO)) {
            trace(Severity.INFO, EventText.of(event), null);
        }
    }

    @Override
    public void delivered(RemoteDelivery event) {
        attempt(EventText.DELIVERED, event);
    }

    @Override
    public void deferred(RemoteDelivery event) {
        attempt(EventText.DEFERRED, event);
    }

    @Override
    public void failed(RemoteDelivery event) {
        attempt(EventText.REFUSED, event);
    }

    private void attempt(String name, RemoteDelivery event) {
        if (isTraced(Severity.INFO)) {
            trace(Severity.INFO, EventText.of(name, event), null);
        }
    }

    @Override
    public void deferred(DestinationFailure event) {
        failure(EventText.DEFERRED, event);
    }

    @Override
    public void failed(DestinationFailure event) {
        failure(EventText.REFUSED, event);
    }

    @Override
    public void expired(DestinationFailure event) {
        failure(EventText.EXPIRED, event);
    }

    private void failure(String name, DestinationFailure event) {
        if (isTraced(Severity.INFO)) {
            trace(Severity.INFO, EventText.of(name, event), null);
        }
    }

    @Override
    public void bounced(SentNotice event) {
        if (isTraced(Severity.INFO)) {
            trace(Severity.INFO, EventText.of(event), null);
        }
    }

    @Override
    public void loggedIn(Login event) {
        if (LOG.isInfoEnabled()) {
            LOG.info(EventText.of(event));
        }
    }

    @Override
    public void loginFailed(FailedLogin event) {
        if (LOG.isInfoEnabled()) {
            LOG.info(EventText.of(event));
        }
    }

    @Override
    public void restricted(RestrictedAccount event) {
        if (LOG.isWarnEnabled()) {
            LOG.warn(EventText.of(event));
        }
    }

    @Override
    public void noted(MessageNote event) {
        Severity severity = event.kind().severity();
        if (isTraced(severity)) {
            trace(severity, EventText.of(event), event.cause());
        }
    }

    private boolean isTraced(Severity severity) {
        return trace != null
                || switch (severity) {
                    case INFO -> LOG.isInfoEnabled();
                    case WARNING -> LOG.isWarnEnabled();
                    case ERROR -> LOG.isErrorEnabled();
                };
    }

    private void trace(Severity severity, String text, @Nullable Throwable cause) {
        switch (severity) {
            case INFO -> LOG.info(text, cause);
            case WARNING -> LOG.warn(text, cause);
            case ERROR -> LOG.error(text, cause);
        }
        if (trace != null) {
            trace.write(System.currentTimeMillis(), text, severity != Severity.INFO);
        }
    }
}
