package org.mailserv.app.transfer;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Mail of another server, to be imported: a Maildir with its folders, or an mbox file. */
public interface MailSource {
    /**
     * Passes every message to a consumer, those of a folder in their order of arrival. Blocks.
     *
     * @throws IOException when nothing of the source can be read; what cannot be read of it is told to the sink
     */
    void read(Sink sink) throws IOException;

    /** Takes messages. */
    interface Sink {
        /** Begins a message; its octets follow as they are in the source, with any line ends. */
        Incoming begin() throws IOException;

        /** Notes something that cannot be imported, and why. */
        void refused(String what, String reason);

        /** Takes a small file that belongs to a folder, under its name in a Maildir, where there is none yet. */
        void companion(String folder, String name, byte[] content) throws IOException;
    }

    /** One message on its way. */
    interface Incoming {
        OutputStream content();

        /** Ends the message. */
        void end(Facts facts) throws IOException;

        /** Forgets the message. */
        void abort() throws IOException;
    }

    /**
     * Metadata of a message.
     *
     * @param folder empty for the inbox, else the name of a Maildir++ folder with its dot
     * @param name distinguishes it from other messages with the same content; null if nothing does
     * @param uid its unique id in POP3 on the old server, or null
     * @param date when it arrived
     * @param flags letters of a Maildir, in order
     * @param fresh whether no program has looked at it
     */
    record Facts(
            String folder, @Nullable String name, @Nullable String uid, Instant date, String flags, boolean fresh) {}
}
