package org.mailserv.server.spool;

/** A message of the spool, opened for reading. Its content stays available until {@link #close}. */
public interface StoredMessage extends AutoCloseable {
    Envelope envelope();

    /** Returns the state at the time of opening. */
    MessageState state();

    MessageContent content();

    /** Releases the content. Never blocks; may be called twice. */
    @Override
    void close();
}
