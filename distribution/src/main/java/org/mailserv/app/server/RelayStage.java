package org.mailserv.app.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.Collection;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.config.DataFolder;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.relay.queue.Relay;
import org.mailserv.relay.route.Routes;
import org.mailserv.server.account.AccountStore;
import org.mailserv.server.delivery.MessageAcceptor;
import org.mailserv.server.delivery.RecipientRouter;
import org.mailserv.server.delivery.SenderRewriting;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.net.EventLoops;
import org.mailserv.server.net.SessionRegistry;
import org.mailserv.server.pickup.Pickup;
import org.mailserv.server.pickup.PickupServices;
import org.mailserv.server.report.Observations;
import org.mailserv.server.spool.SpoolException;
import org.mailserv.server.store.MailStore;

/** The relay and what routes mail to it: recipients, sender rewriting (SRS), notices to operators and the pickup directory. */
final class RelayStage {
    private final Dependencies given;
    private final OutgoingMail outgoing;
    private final RecipientRouter recipients;
    private final OperatorNotices notices;

    /** The stages and services the relay depends on. */
    record Dependencies(
            Disk disk,
            EventLoops loops,
            Dns dns,
            AccountStage accounts,
            StoreStage store,
            CheckStage checks,
            Observations observations,
            SessionRegistry sessions,
            MailEvents events) {}

    /**
     * Constructs the relay. The spool is started by {@link #start}. Blocks.
     *
     * @param smtpAddresses addresses of this server's SMTP listeners, as bound
     */
    RelayStage(
            Dependencies given,
            MailservConfig config,
            DataFolder folder,
            Supplier<Collection<InetSocketAddress>> smtpAddresses,
            OpenResources resources)
            throws IOException {
        this.given = given;
        MailStore store = given.store().store();
        AccountStore accounts = given.accounts().accounts();
        SenderRewriting rewriting = rewriting(config, folder, given.disk(), accounts);
        outgoing = resources.add(new OutgoingMail(
                config,
                new OutgoingMail.Dependencies(
                        given.loops(),
                        given.dns(),
                        store,
                        accounts,
                        rewriting,
                        given.sessions(),
                        given.observations(),
                        given.checks().keys(),
                        given.events()),
                smtpAddresses));
        recipients = new RecipientRouter(accounts, store.mailboxes(), rewriting);
        notices = new OperatorNotices(
                store.spool(),
                recipients,
                outgoing.acceptor(),
                given.accounts().local()::primaryDomain,
                InstantSource.system());
        given.checks().limits().onBrake(notices::braked);
    }

    /** Recovers the spool; its messages arrive in the relay's queue. From then on mail can be accepted. Blocks. */
    void start() throws SpoolException {
        given.store().spool().start(outgoing.relay());
    }

    private static @Nullable SenderRewriting rewriting(
            MailservConfig config, DataFolder folder, Disk disk, AccountStore accounts) throws IOException {
        return config.srs().enabled()
                ? new SenderRewriting(
                        SenderRewriting.secretIn(folder.srsSecret(), disk),
                        accounts,
                        config.srs().maxAge(),
                        InstantSource.system())
                : null;
    }

    /**
     * Starts to accept files from the pickup directory if it is enabled. Blocks.
     *
     * @param current the configuration in use, which a reload replaces
     */
    void openPickup(Supplier<MailservConfig> current, DataFolder folder, OpenResources resources) throws IOException {
        MailservConfig config = current.get();
        if (!config.pickup().enabled()) {
            return;
        }
        resources.add(new Pickup(
                new PickupServices(
                        given.disk(),
                        config.pickup(),
                        config.hostname(),
                        given.accounts().accounts()::primaryDomain,
                        () -> current.get().smtp().maxMessageSize(),
                        given.store().spool(),
                        recipients,
                        outgoing.acceptor(),
                        outgoing.returned(),
                        given.events(),
                        InstantSource.system()),
                folder.pickup()));
    }

    Relay relay() {
        return outgoing.relay();
    }

    OperatorNotices notices() {
        return notices;
    }

    MessageAcceptor acceptor() {
        return outgoing.acceptor();
    }

    RecipientRouter recipients() {
        return recipients;
    }

    /** Reads the routes of a changed configuration. The result puts them into effect and cannot fail. */
    Runnable prepare(MailservConfig next) {
        Routes routes = new Routes(next.relay());
        return () -> {
            relay().setRoutes(routes);
            outgoing.setGrace(next.shutdownTimeout());
        };
    }
}
