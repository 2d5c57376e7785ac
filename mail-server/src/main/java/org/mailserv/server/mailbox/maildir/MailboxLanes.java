package org.mailserv.server.mailbox.maildir;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.disk.DiskLanes;
import org.mailserv.server.mailbox.MaildropException;
import org.mailserv.server.text.Failures;

/** The threads that read and write mailbox files. Thread-safe. */
final class MailboxLanes implements AutoCloseable {
    private final DiskLanes lanes;
    private final int threads;

    /**
     * @param threads at least 1
     * @param queueLength tasks that may wait for each thread
     */
    MailboxLanes(int threads, int queueLength) {
        this.lanes = new DiskLanes("mailbox", threads, queueLength);
        this.threads = threads;
    }

    /** A task with a result. */
    interface Work<T> {
        T run() throws IOException, MaildropException;
    }

    /** A task without a result. */
    interface Task {
        void run() throws IOException, MaildropException;
    }

    int threads() {
        return threads;
    }

    /** Returns the lane of a mailbox. Two threads in one folder would only wait for each other's lock in the kernel. */
    Executor lane(MailboxName mailbox) {
        return lanes.lane(mailbox);
    }

    Executor any() {
        return lanes.any();
    }

    /** Runs a task on any lane. The stage fails with a {@link MaildropException} only. */
    <T> CompletionStage<T> supply(Work<T> work) {
        CompletableFuture<T> done = new CompletableFuture<>();
        try {
            lanes.any().execute(() -> {
                try {
                    done.complete(work.run());
                } catch (MaildropException e) {
                    done.completeExceptionally(e);
                } catch (IOException | RuntimeException e) {
                    done.completeExceptionally(
                            new MaildropException(MaildropException.Reason.TEMPORARY, Failures.text(e), e));
                }
            });
        } catch (RejectedExecutionException e) {
            done.completeExceptionally(
                    new MaildropException(MaildropException.Reason.TEMPORARY, "the disk lanes are full", e));
        }
        return done;
    }

    /** Runs a task on any lane. The stage fails with a {@link MaildropException} only. */
    CompletionStage<Void> run(Task task) {
        return supply(() -> {
                    task.run();
                    return true;
                })
                .thenAccept(done -> {});
    }

    /** Lets the tasks that were accepted finish. Blocks. */
    @Override
    public void close() {
        lanes.close();
    }
}
