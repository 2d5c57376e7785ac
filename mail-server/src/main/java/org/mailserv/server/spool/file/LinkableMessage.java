package org.mailserv.server.spool.file;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.spool.StoredMessage;

/** A message whose file may become a file in a mailbox without a copy. */
public interface LinkableMessage extends StoredMessage {
    /**
     * Returns a file with the Return-Path and the content, as a mailbox has them. It is synced and is never written again, so that it may be
     * linked. Null when there is none.
     */
    @Nullable
    Path mailboxFile();
}
