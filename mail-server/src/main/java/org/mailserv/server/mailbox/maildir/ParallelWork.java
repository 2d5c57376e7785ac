package org.mailserv.server.mailbox.maildir;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Work on many files, shared between the caller and helper threads that are free. The caller does what no helper takes, so it never waits for
 * a helper that has not started.
 */
final class ParallelWork {
    private final Executor helpers;
    private final int size;
    private final int share;

    /**
     * @param helpers runs shares of the work; may reject them
     * @param size threads that work at the same time, the caller included
     * @param share number of files taken at once: fewer are not worth a second thread
     */
    ParallelWork(Executor helpers, int size, int share) {
        this.helpers = helpers;
        this.size = size;
        this.share = share;
    }

    /** Work on the numbers from {@code from} to below {@code to}. Called on any thread. */
    interface Work {
        void run(int from, int to) throws IOException;
    }

    /**
     * Runs the work for the numbers from 0 to below {@code count}. Blocks until no thread works on it any more.
     *
     * @throws IOException the first failure; work that had not started is skipped
     */
    void run(int count, Work work) throws IOException {
        Shift shift = new Shift(count, share, work);
        int shares = (count + share - 1) / share;
        for (int i = 1; i < Math.min(size, shares); i++) {
            try {
                helpers.execute(shift::help);
            } catch (RejectedExecutionException e) {
                break;
            }
        }
        shift.finish();
    }

    private static final class Shift {
        private final int count;
        private final int share;
        private final Work work;
        private final AtomicInteger next = new AtomicInteger();
        private final AtomicInteger left;
        private final CountDownLatch done = new CountDownLatch(1);
        private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

        Shift(int count, int share, Work work) {
            this.count = count;
            this.share = share;
            this.work = work;
            this.left = new AtomicInteger((count + share - 1) / share);
        }

        /** Takes shares until none is left. Every share taken is counted, even if it fails. */
        void help() {
            for (int from = next.getAndAdd(share); from < count; from = next.getAndAdd(share)) {
                try {
                    if (failure.get() == null) {
                        work.run(from, Math.min(count, from + share));
                    }
                } catch (IOException | RuntimeException e) {
                    failure.compareAndSet(null, e);
                } finally {
                    if (left.decrementAndGet() == 0) {
                        done.countDown();
                    }
                }
            }
        }

        void finish() throws IOException {
            help();
            if (count > 0) {
                await();
            }
            Exception problem = failure.get();
            if (problem instanceof IOException io) {
                throw io;
            } else if (problem instanceof RuntimeException runtime) {
                throw runtime;
            }
        }

        private void await() throws IOException {
            try {
                done.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }
    }
}
