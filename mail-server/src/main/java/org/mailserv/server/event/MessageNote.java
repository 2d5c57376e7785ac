package org.mailserv.server.event;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.spool.QueueId;

/**
 * A fact about a message for its trace.
 *
 * @param details values beside the queue id, in the order in which they are shown
 * @param cause the failure whose stack trace the log shows, or null
 */
public record MessageNote(
        Kind kind,
        QueueId id,
        List<Detail> details,
        @Nullable Throwable cause) {
    public MessageNote {
        details = List.copyOf(details);
    }

    /** The severity of a fact. */
    public enum Severity {
        INFO,
        WARNING,
        ERROR
    }

    /** The kinds of facts. */
    public enum Kind {
        /** The sender does not want a bounce. */
        BOUNCE_NOT_WANTED(Severity.INFO),
        /** The bounce of a message has nobody to go to. */
        BOUNCE_UNDELIVERABLE(Severity.WARNING),
        /** A bounce could not be stored; it is tried again. */
        BOUNCE_FAILED(Severity.WARNING),
        SUCCESS_NOTICE_FAILED(Severity.WARNING),
        SUCCESS_NOTICE_WITHHELD(Severity.INFO),
        DELAY_WARNING_FAILED(Severity.WARNING),
        MESSAGE_UNREADABLE(Severity.ERROR),
        /** The message was converted, which its signature does not survive. */
        SIGNATURE_BROKEN(Severity.INFO),
        CONVERSION_FAILED(Severity.WARNING),
        STATE_NOT_STORED(Severity.ERROR),
        /** The connection was lost before the reply to a whole message. */
        MAY_BE_SENT_TWICE(Severity.WARNING),
        DELIVERY_FAILED(Severity.ERROR),
        /** One mailbox could not be written. */
        MAILBOX_FAILED(Severity.WARNING),
        /** The store of mailboxes failed as a whole. */
        MAILBOXES_FAILED(Severity.ERROR),
        /** A message was written to mailboxes again after a crash. */
        MAILBOX_REWRITTEN(Severity.WARNING),
        /** A message returned to the queue under another id. */
        REQUEUED(Severity.WARNING),
        QUEUE_FILE_LEFT(Severity.WARNING),
        INCOMING_LEFT(Severity.WARNING),
        SIGNING_FAILED(Severity.ERROR),
        NOT_SIGNED(Severity.INFO),
        QUEUE_RETRY(Severity.INFO),
        QUEUE_HOLD(Severity.INFO),
        QUEUE_RELEASE(Severity.INFO),
        QUEUE_REMOVE(Severity.INFO),
        QUEUE_BOUNCE(Severity.INFO);

        private final Severity severity;

        Kind(Severity severity) {
            this.severity = severity;
        }

        /** Returns the severity of the fact. */
        public Severity severity() {
            return severity;
        }
    }

    /**
     * A named value.
     *
     * @param form the way in which a line of text shows it
     */
    public record Detail(String key, String value, Form form) {
        /** The ways in which a line of text shows a value. */
        public enum Form {
            /** A number or a word. */
            WORD,
            /** Text with blanks. */
            TEXT,
            /** A mail address. */
            ADDRESS
        }

        /** Creates a detail whose value is a number or a word. */
        public static Detail word(String key, Object value) {
            return new Detail(key, value.toString(), Form.WORD);
        }

        /** Creates a detail whose value is text. */
        public static Detail text(String key, String value) {
            return new Detail(key, value, Form.TEXT);
        }

        /** Creates a detail whose value is a mail address or a path. */
        public static Detail address(String key, Object value) {
            return new Detail(key, value.toString(), Form.ADDRESS);
        }
    }

    /** Creates a note without a stack trace. */
    public static MessageNote of(Kind kind, QueueId id, Detail... details) {
        return new MessageNote(kind, id, List.of(details), null);
    }

    /** Creates a note with a reason. */
    public static MessageNote because(Kind kind, QueueId id, String reason) {
        return of(kind, id, Detail.text("reason", reason));
    }

    /** Creates a note of a failure, whose stack trace the log shows. */
    public static MessageNote failure(Kind kind, QueueId id, Throwable cause) {
        return new MessageNote(kind, id, List.of(), cause);
    }
}
