package org.mailserv.server.spool.file;

import org.mailserv.server.spool.Envelope;

/** The text form of an envelope, for stores that keep it elsewhere than at the head of a queue file. */
public final class EnvelopeText {
    private EnvelopeText() {}

    /** Returns an envelope as text. */
    public static byte[] write(Envelope envelope) {
        return QueueFile.write(envelope);
    }

    /**
     * Parses the text of an envelope.
     *
     * @throws IllegalArgumentException if the text is not one that {@link #write} has made
     */
    public static Envelope read(byte[] octets) {
        try {
            return QueueFile.envelope(QueueFile.read(octets));
        } catch (QueueFile.MalformedQueueFileException e) {
            throw new IllegalArgumentException("envelope: " + e.getMessage(), e);
        }
    }
}
