package org.mailserv.server.mailbox.maildir;

import io.netty.channel.DefaultFileRegion;
import io.netty.channel.FileRegion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.disk.FileNames;
import org.mailserv.server.mailbox.Maildrop;
import org.mailserv.server.mailbox.MaildropException;
import org.mailserv.server.spool.MessageContent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One session's look at a Maildir. */
final class OpenMaildrop implements Maildrop {
    private static final Logger LOG = LoggerFactory.getLogger(OpenMaildrop.class);

    private final MaildirStore store;
    private final MailboxName mailbox;
    private final MaildirListing listing;
    private final AtomicBoolean closed = new AtomicBoolean();

    OpenMaildrop(MaildirStore store, MailboxName mailbox, MaildirListing listing) {
        this.store = store;
        this.mailbox = mailbox;
        this.listing = listing;
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
        return store.onLane(() -> read(entry));
    }

    @Override
    public CompletionStage<List<MaildropMessage>> readAll(List<Integer> indexes) {
        return store.onLane(() -> {
            List<MaildropMessage> messages = new ArrayList<>(indexes.size());
            for (int index : indexes) {
                try {
                    messages.add(read(listing.entry(index)));
                } catch (IOException | MaildropException e) {
                    LOG.debug("event=not-read-ahead mailbox={} index={} reason={}", mailbox, index, e.toString());
                    break;
                }
            }
            return messages;
        });
    }

    private MaildropMessage read(MaildirListing.Entry entry) throws IOException, MaildropException {
        FileChannel channel = open(entry);
        long size = channel.size();
        if (entry.isForeign()) {
            CrlfMessage message = new CrlfMessage(channel, entry.octets());
            return entry.octets() <= HeldMessage.MOST ? HeldMessage.of(message) : message;
        }
        return size <= HeldMessage.MOST ? HeldMessage.read(channel, (int) size) : new FileMessage(channel, size);
    }

    private FileChannel open(MaildirListing.Entry entry) throws IOException, MaildropException {
        try {
            return store.disk().openForRead(path(entry));
        } catch (NoSuchFileException e) {
            // A mail reader beside us has changed its flags: the unique part is the same.
            for (String part : List.of("cur", "new")) {
                Path folder = store.folder(mailbox).resolve(part);
                for (String name : store.disk().list(folder)) {
                    if (MaildirName.unique(name).equals(MaildirName.unique(entry.fileName()))) {
                        return store.disk().openForRead(FileNames.resolve(folder, name));
                    }
                }
            }
            throw new MaildropException(MaildropException.Reason.NO_SUCH_MESSAGE, "the message is gone", e);
        }
    }

    private Path path(MaildirListing.Entry entry) {
        return FileNames.resolve(store.folder(mailbox).resolve(entry.inCur() ? "cur" : "new"), entry.fileName());
    }

    @Override
    public CompletionStage<Void> delete(BitSet indexes) {
        List<String> uids = new ArrayList<>(indexes.cardinality());
        indexes.stream().forEach(index -> uids.add(listing.uid(index)));
        return store.recordDeletions(mailbox, uids)
                .thenCompose(recorded -> store.runOnLane(() -> unlink(indexes, uids)));
    }

    private void unlink(BitSet indexes, List<String> uids) throws IOException {
        boolean missing = false;
        for (int index = indexes.nextSetBit(0); index >= 0; index = indexes.nextSetBit(index + 1)) {
            missing |= !store.disk().delete(path(listing.entry(index)));
        }
        if (missing) {
            // Renamed by another program since: found by the part that stays.
            store.delete(mailbox, uids);
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            store.unlock(mailbox);
        }
    }

    /** A file that goes over the wire as it is. */
    private static final class FileMessage implements MaildropMessage, MessageContent {
        private final FileChannel channel;
        private final long length;
        private final AtomicInteger holds = new AtomicInteger(1);
        private final AtomicBoolean closed = new AtomicBoolean();

        FileMessage(FileChannel channel, long length) {
            this.channel = channel;
            this.length = length;
        }

        @Override
        public MessageContent content() {
            return this;
        }

        @Override
        public long length() {
            return length;
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
            return channel.transferTo(position, count, target);
        }

        @Override
        public void read(long position, ByteBuffer target) throws IOException {
            for (long at = position; target.hasRemaining(); ) {
                int step = channel.read(target, at);
                if (step < 0) {
                    throw new IOException("message ends at " + at + " of " + length);
                }
                at += step;
            }
        }

        @Override
        public FileRegion region(long position, long count) {
            holds.incrementAndGet();
            return new DefaultFileRegion(channel, position, count) {
                @Override
                protected void deallocate() {
                    letGo();
                }
            };
        }

        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                letGo();
            }
        }

        // Not "release": within a region that would be the region's own.
        private void letGo() {
            if (holds.decrementAndGet() == 0) {
                closeQuietly(channel);
            }
        }
    }

    static void closeQuietly(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("event=close-failed reason={}", e.toString());
        }
    }
}
