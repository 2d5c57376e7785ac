package org.mailserv.server.check;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The check of one message's content. Called on one thread at a time. */
@FunctionalInterface
public interface ContentCheck {
    /** Called once, when the header of the message is complete, so that look-ups can begin while the body arrives. */
    default void headerComplete() {
        // Most checks begin earlier or later.
    }

    /** Returns the finding, when the message is complete. A stage that fails defers the message. */
    CompletionStage<Finding> finish();

    /**
     * Called when the message has been decided on.
     *
     * @return fields to put above Authentication-Results, each with its CRLF; they are used only when the message is accepted
     */
    default CompletionStage<String> decided(Decision decision) {
        return CompletableFuture.completedFuture("");
    }
}
