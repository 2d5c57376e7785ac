package org.mailserv.server.mailbox.maildir;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Shares work on many files between the thread that has it to do and others that happen to be free. The caller does all that nobody else
 * takes, so that it never waits for a thread that waits for it.
 */
final class ParallelWork {
    private final Executor helpers;
    private final int size;
    private final int share;

    /**
     * @param helpers run a share where they have the time; may refuse
     * @param size threads at work at the same time, the caller counted
     * @param share files that are taken at once: less is not worth a second thread
     */
    ParallelWork(Executor helpers, int size, int share) {
        this.helpers = helpers;
        this.size = size;
        this.share = share;
    }

    /** Work on the numbers from one to below the other; on any thread. */
    interface Work {
        void run(int from, int to) throws IOException;
    }

    /**
     * Runs the work for the numbers from 0 to below {@code count}. Blocks until all is done, and no helper is at it any more.
     *
     * @throws IOException the first failure; what is left is not begun then
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

        /** Takes shares until there are none; each that was taken is counted off, also when it fails. */
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
