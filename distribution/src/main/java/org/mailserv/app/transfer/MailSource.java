package org.mailserv.app.transfer;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The mail of another server that is to be imported: a Maildir with its folders, or mbox files. */
public interface MailSource {
    /**
     * Passes every message to a sink, those of a folder in their order of arrival. Blocks.
     *
     * @throws IOException if nothing of the source can be read; single unreadable messages are reported to the sink
     */
    void read(Sink sink) throws IOException;

    /** Receives messages. */
    interface Sink {
        /**
         * Returns whether an identified message was received by an earlier run; changes of its flags are applied then, and its content is not
         * needed.
         */
        default boolean isKnown(Facts facts) throws IOException {
            return false;
        }

        /** Begins a message. Its octets follow as they are in the source, with any line ends. */
        Incoming begin() throws IOException;

        /** Reports something that cannot be imported, with the reason. */
        void refused(String what, String reason);

        /** Receives a small file that belongs to a folder, under its name in a Maildir. An existing file stays. */
        void companion(String folder, String name, byte[] content) throws IOException;
    }

    /** A message that is being received. */
    interface Incoming {
        OutputStream content();

        /** Ends the message. */
        void end(Facts facts) throws IOException;

        /** Discards the message. */
        void abort() throws IOException;
    }

    /**
     * Metadata of a message.
     *
     * @param folder empty for the inbox, else the name of a Maildir++ folder with its dot
     * @param name distinguishes it from other messages with the same content; null if nothing does
     * @param uid its unique id in POP3 on the old server, or null
     * @param date the time of arrival
     * @param flags the letters of a Maildir, in order
     * @param fresh whether no program has looked at it
     * @param identified whether the name identifies the message for ever, so that its content need not be compared
     */
    record Facts(
            String folder,
            @Nullable String name,
            @Nullable String uid,
            Instant date,
            String flags,
            boolean fresh,
            boolean identified) {
        public Facts(
                String folder, @Nullable String name, @Nullable String uid, Instant date, String flags, boolean fresh) {
            this(folder, name, uid, date, flags, fresh, false);
        }
    }
}
