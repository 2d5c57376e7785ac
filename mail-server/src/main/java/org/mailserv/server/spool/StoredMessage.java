package org.mailserv.server.spool;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A message that is in the spool, opened to be read. Its content stays where it is until {@link #close}. */
public interface StoredMessage extends AutoCloseable {
    Envelope envelope();

    /** The state when it was opened. */
    MessageState state();

    MessageContent content();

    /**
     * A file that is what a mailbox gets, the Return-Path and the content, and is synced: it may be linked, and is never written again. Null
     * where there is none.
     */
    default @Nullable Path mailboxFile() {
        return null;
    }

    /** Lets go of the content. Never blocks, may be called twice. */
    @Override
    void close();
}
