package org.mailserv.server.spool;

/** A message that is in the spool, opened to be read. Its content stays where it is until {@link #close}. */
public interface StoredMessage extends AutoCloseable {
    Envelope envelope();

    /** The state when it was opened. */
    MessageState state();

    MessageContent content();

    /** Lets go of the content. Never blocks, may be called twice. */
    @Override
    void close();
}
