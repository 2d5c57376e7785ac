package org.mailserv.server.mailbox.maildir;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.mailbox.DeliveryOutcome;
import org.mailserv.server.mailbox.MailboxStore;
import org.mailserv.server.mailbox.MailboxUsage;
import org.mailserv.server.mailbox.Maildrop;
import org.mailserv.server.mailbox.MaildropException;
import org.mailserv.server.spool.SealedIds;
import org.mailserv.server.spool.StoredMessage;

/** The mailboxes as Maildir folders, for sessions and for local delivery. */
public final class MaildirStore implements MailboxStore {
    private final LocalMaildirs maildirs;
    private final MailboxLanes lanes;
    private final MaildirListings listings;
    private final DeletionLog deletions;
    private final Set<MailboxName> locked = ConcurrentHashMap.newKeySet();

    /**
     * @param maildirs the folders, and the threads that work on them; closed by the caller
     * @param ids tell the order of messages from the names of their files
     * @param deletions records the deletions of a session, as the spool does
     */
    public MaildirStore(LocalMaildirs maildirs, SealedIds ids, DeletionLog deletions) {
        this.maildirs = maildirs;
        this.lanes = maildirs.lanes();
        this.listings = new MaildirListings(maildirs.disk(), ids, lanes);
        this.deletions = deletions;
    }

    @Override
    public CompletionStage<List<DeliveryOutcome>> deliver(StoredMessage message, List<MailboxName> mailboxes) {
        CompletableFuture<List<DeliveryOutcome>> done = new CompletableFuture<>();
        try {
            lanes.lane(mailboxes.get(0)).execute(() -> {
                try {
                    done.complete(maildirs.delivery().deliver(message, mailboxes));
                } catch (Error e) {
                    // The client waits for the outcome in every case.
                    done.completeExceptionally(e);
                    throw e;
                }
            });
        } catch (RejectedExecutionException e) {
            DeliveryOutcome busy = new DeliveryOutcome("the disk lanes are full", false);
            done.complete(Collections.nCopies(mailboxes.size(), busy));
        }
        return done;
    }

    @Override
    public CompletionStage<MailboxUsage> usage(MailboxName mailbox) {
        return lanes.supply(() -> {
            MaildirListing listing = listings.of(maildirs.layout().folder(mailbox));
            return new MailboxUsage(listing.totalOctets(), listing.size());
        });
    }

    @Override
    public CompletionStage<Maildrop> open(MailboxName mailbox) {
        if (!locked.add(mailbox)) {
            return CompletableFuture.failedFuture(
                    new MaildropException(MaildropException.Reason.IN_USE, mailbox + " is in use"));
        }
        CompletionStage<Maildrop> opened = lanes.supply(() -> {
            Path folder = maildirs.layout().folder(mailbox);
            MaildropFiles files = new MaildropFiles(maildirs.disk(), folder);
            return new OpenMaildrop(
                    mailbox, listings.of(folder), files, maildirs, deletions, () -> locked.remove(mailbox));
        });
        return opened.whenComplete((maildrop, failure) -> {
            if (failure != null) {
                locked.remove(mailbox);
            }
        });
    }
}
