package org.mailserv.server.store;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.mailserv.server.text.Failures;

/** Waits for the stages of a store, for callers that may block. */
public final class StoreStages {
    private StoreStages() {}

    /**
     * Waits for a stage. Blocks.
     *
     * @throws IOException if the stage fails or is late; the message is one line
     */
    public static <T> T await(CompletionStage<T> stage, Duration patience) throws IOException {
        try {
            return stage.toCompletableFuture().get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IOException("the shared store does not answer: " + Failures.text(e), e);
        } catch (TimeoutException e) {
            throw new IOException("the shared store does not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
