package org.mailserv.server.spool.file;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.spool.StoredMessage;

/** A message whose file may become a mailbox file without a copy. */
public interface LinkableMessage extends StoredMessage {
    /**
     * Returns a file with the Return-Path and the content in mailbox format, or null if there is none. It is synced and never written
     * again, so that it may be linked.
     */
    @Nullable
    Path mailboxFile();
}
