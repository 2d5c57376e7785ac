package org.mailserv.app.control;

import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.config.DataFolder;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.StartupException;
import org.mailserv.relay.bounce.Bouncer;
import org.mailserv.relay.bounce.Notice;
import org.mailserv.relay.queue.QueueOrder;
import org.mailserv.server.account.AliasesFile;
import org.mailserv.server.account.LocalAccounts;
import org.mailserv.server.account.OwnNames;
import org.mailserv.server.account.UsersFile;
import org.mailserv.server.delivery.RecipientRouter;
import org.mailserv.server.delivery.SenderRewriting;
import org.mailserv.server.delivery.SuccessNotices;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.spool.QueuedMessage;
import org.mailserv.server.spool.StoredMessage;
import org.mailserv.server.store.MailStore;
import org.mailserv.server.text.Failures;

/**
 * Sends the notices of bounced messages while the server is down: into mailboxes at once, and to other domains through the queue at the
 * next start. Opened when the first one is sent.
 */
final class OfflineNotices implements AutoCloseable {
    private final MailservConfig config;
    private final MailStore store;
    private final MailEvents events;
    private @Nullable LocalAccounts accounts;
    private @Nullable Bouncer bouncer;

    OfflineNotices(MailservConfig config, MailStore store, MailEvents events) {
        this.config = config;
        this.store = store;
        this.events = events;
    }

    /** Sends the notice of a message to its sender. Blocks until it is in the spool. */
    void send(QueuedMessage message, QueueOrder order, List<Integer> recipients) throws StartupException, IOException {
        Bouncer sender = bouncer == null ? open() : bouncer;
        try (StoredMessage stored =
                store.spool().open(message.id()).toCompletableFuture().get()) {
            sender.send(new Notice(
                            Notice.Kind.FAILED,
                            stored,
                            recipients.stream()
                                    .map(index -> order.report(message.envelope(), message.state(), index))
                                    .toList(),
                            null))
                    .toCompletableFuture()
                    .get();
        } catch (ExecutionException e) {
            throw new StartupException(
                    message.id() + ": the notice to its sender cannot be stored: " + Failures.text(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartupException("interrupted", e);
        }
    }

    private Bouncer open() throws IOException {
        RealDisk disk = new RealDisk();
        LocalAccounts local = new LocalAccounts(
                config.domains(),
                config.primaryDomain(),
                OwnNames.ofThisMachine(config.hostname()),
                new UsersFile(config.usersFilePath(), disk),
                new AliasesFile(config.aliasesFilePath(), disk),
                config.tagSeparators(),
                1);
        accounts = local;
        SenderRewriting rewriting = config.srs().enabled()
                ? new SenderRewriting(
                        SenderRewriting.secretIn(new DataFolder(config, disk).srsSecret(), disk),
                        local,
                        config.srs().maxAge(),
                        InstantSource.system())
                : null;
        Bouncer made = new Bouncer(new Bouncer.Dependencies(
                config.hostname(),
                config.relay().bounce(),
                store.spool(),
                local,
                new RecipientRouter(local, store.mailboxes(), rewriting),
                // The next start reads the queue from the spool.
                store.acceptor(queued -> {}, SuccessNotices.NONE),
                Runnable::run,
                events,
                InstantSource.system()));
        bouncer = made;
        return made;
    }

    @Override
    public void close() {
        LocalAccounts opened = accounts;
        if (opened != null) {
            opened.close();
        }
    }
}
