package org.mailserv.server.cluster;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.cluster.table.Conditional;
import org.mailserv.server.cluster.table.LeaseTable;
import org.mailserv.server.cluster.table.LeaseTable.LeaseKey;
import org.mailserv.server.mailbox.MaildropException;
import org.mailserv.server.mailbox.MaildropException.Reason;

/**
 * The lock of a maildrop, held by one session. It lives for 90 seconds in the tables and is renewed every 30. The holder trusts it for 60
 * seconds after the beginning of the last renewal that succeeded, by a monotonic and by a wall clock, so that it stops before anybody else can
 * begin. On the loop.
 */
final class MaildropLock {
    private static final Duration LIFE = Duration.ofSeconds(90);
    private static final Duration TRUST = Duration.ofSeconds(60);
    private static final Duration RENEW = Duration.ofSeconds(30);
    private static final Duration AGAIN = Duration.ofSeconds(5);

    private final ClusterLoop loop;
    private final LeaseTable table;
    private final LeaseKey key;
    private final String holder;
    private final CompletableFuture<Void> lost = new CompletableFuture<>();
    private long nano;
    private Instant wall;
    private boolean released;
    private ClusterLoop.@Nullable Timer timer;

    private MaildropLock(ClusterLoop loop, LeaseTable table, LeaseKey key, String holder) {
        this.loop = loop;
        this.table = table;
        this.key = key;
        this.holder = holder;
        this.nano = loop.nanoTime();
        this.wall = loop.wallTime();
    }

    /**
     * Takes a lock.
     *
     * @param holder names the session; no other one has ever had this name
     * @return fails with {@link MaildropException}: {@code IN_USE} if another session has the lock
     */
    static CompletionStage<MaildropLock> acquire(ClusterLoop loop, LeaseTable table, String mailbox, String holder) {
        MaildropLock lock = new MaildropLock(loop, table, new LeaseKey(mailbox, 0), holder);
        CompletableFuture<MaildropLock> taken = new CompletableFuture<>();
        loop.whenDone(table.acquire(lock.key, holder, LIFE), (result, failure) -> {
            if (result != null && result.isApplied() && lock.isTrusted()) {
                lock.later(RENEW);
                taken.complete(lock);
            } else if (result != null && result.isRefused()) {
                taken.completeExceptionally(
                        new MaildropException(Reason.IN_USE, mailbox + " is open in another session"));
            } else {
                // It may have been taken, or may be later: then it frees itself.
                table.release(lock.key, holder);
                taken.completeExceptionally(
                        new MaildropException(Reason.TEMPORARY, "the shared store does not answer", failure));
            }
        });
        return taken;
    }

    /** Returns whether the session may still act. */
    boolean isHeld() {
        return !released && !lost.isDone() && isTrusted();
    }

    private boolean isTrusted() {
        return loop.nanoTime() - nano < TRUST.toNanos()
                && wall.plus(TRUST).isAfter(loop.wallTime())
                && !loop.wallTime().isBefore(wall);
    }

    /** Returns a stage that completes when the lock is gone before {@link #release}. */
    CompletionStage<Void> lost() {
        return lost;
    }

    /** Renews the lock at once: before something that no other session may see half done. Completes with whether it is held. */
    CompletionStage<Boolean> confirm() {
        return loop.here(renewed()).thenApply(result -> isHeld() && result.isApplied());
    }

    /** Releases the lock. May be called twice. */
    void release() {
        if (!released) {
            released = true;
            ClusterLoop.Timer renewal = timer;
            if (renewal != null) {
                renewal.cancel();
            }
            table.release(key, holder);
        }
    }

    private void later(Duration delay) {
        timer = loop.schedule(delay, this::renew);
    }

    private void renew() {
        if (released || lost.isDone()) {
            return;
        }
        loop.whenDone(renewed(), (result, failure) -> {
            if (!released && !lost.isDone()) {
                later(result != null && result.isApplied() ? RENEW : AGAIN);
            }
        });
    }

    private CompletionStage<Conditional<String>> renewed() {
        long began = loop.nanoTime();
        Instant beganWall = loop.wallTime();
        CompletableFuture<Conditional<String>> done = new CompletableFuture<>();
        loop.whenDone(table.renew(key, holder, LIFE), (result, failure) -> {
            if (result != null && result.isApplied()) {
                nano = began;
                wall = beganWall;
            }
            if (result != null && result.isRefused() || !isTrusted()) {
                lost.complete(null);
            }
            done.complete(result == null ? Conditional.unknown() : result);
        });
        return done;
    }
}
