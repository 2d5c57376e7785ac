package org.mailserv.server.mailbox.maildir;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.mailbox.Maildrop;
import org.mailserv.server.mailbox.MaildropException;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A Maildir opened by one session: the messages that were there at that time. */
final class OpenMaildrop implements Maildrop {
    private static final Logger LOG = LoggerFactory.getLogger(OpenMaildrop.class);

    private final MailboxName mailbox;
    private final MaildirListing listing;
    private final MaildropFiles files;
    private final LocalMaildirs maildirs;
    private final DeletionLog deletions;
    private final Runnable unlock;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** @param unlock run once, when the session closes the maildrop */
    OpenMaildrop(
            MailboxName mailbox,
            MaildirListing listing,
            MaildropFiles files,
            LocalMaildirs maildirs,
            DeletionLog deletions,
            Runnable unlock) {
        this.mailbox = mailbox;
        this.listing = listing;
        this.files = files;
        this.maildirs = maildirs;
        this.deletions = deletions;
        this.unlock = unlock;
    }

    @Override
    public int size() {
        return listing.size();
    }

    @Override
    public long octets(int index) {
        return listing.entry(index).octets();
    }

    @Override
    public String uid(int index) {
        return listing.uid(index);
    }

    @Override
    public CompletionStage<MaildropMessage> read(int index) {
        MaildirListing.Entry entry = listing.entry(index);
        return maildirs.lanes().supply(() -> files.read(entry));
    }

    @Override
    public CompletionStage<List<MaildropMessage>> readAll(List<Integer> indexes) {
        return maildirs.lanes().supply(() -> {
            List<MaildropMessage> messages = new ArrayList<>(indexes.size());
            for (int index : indexes) {
                try {
                    messages.add(files.read(listing.entry(index)));
                } catch (IOException | MaildropException e) {
                    LOG.debug(
                            "event=not-read-ahead mailbox={} index={} reason=\"{}\"", mailbox, index, Failures.text(e));
                    break;
                }
            }
            return messages;
        });
    }

    @Override
    public CompletionStage<Void> delete(BitSet indexes) {
        List<String> uids = new ArrayList<>(indexes.cardinality());
        indexes.stream().forEach(index -> uids.add(listing.uid(index)));
        return deletions
                .recordDeletions(mailbox, uids)
                .thenCompose(recorded -> maildirs.lanes().run(() -> deleteFiles(indexes, uids)));
    }

    private void deleteFiles(BitSet indexes, List<String> uids) throws IOException {
        boolean missing = false;
        for (int index = indexes.nextSetBit(0); index >= 0; index = indexes.nextSetBit(index + 1)) {
            missing |= !files.delete(listing.entry(index));
        }
        if (missing) {
            // Another program has renamed a file since. It is found by its unique id.
            maildirs.delete(mailbox, uids);
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            unlock.run();
        }
    }
}
