package org.mailserv.app.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.mailserv.app.accounts.AccountFiles;
import org.mailserv.app.accounts.AccountPaths;
import org.mailserv.app.accounts.AliasCalls;
import org.mailserv.app.accounts.DkimCalls;
import org.mailserv.app.accounts.DomainCalls;
import org.mailserv.app.accounts.DomainServices;
import org.mailserv.app.accounts.UserCalls;
import org.mailserv.app.accounts.UserExtraCalls;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.CallRegistry;
import org.mailserv.app.api.ListenerInfo;
import org.mailserv.app.api.ReloadRequest;
import org.mailserv.app.api.ReloadResult;
import org.mailserv.app.api.ServerApi;
import org.mailserv.app.config.DataFolder;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.RestartKeys;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.reports.ReceivedReportCalls;
import org.mailserv.app.vacation.VacationResponder;
import org.mailserv.server.check.dkim.DkimSigner;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.dns.resolver.NettyDns;
import org.mailserv.server.net.EventLoops;
import org.mailserv.server.net.SessionRegistry;
import org.mailserv.server.net.TrustedGateways;
import org.mailserv.server.spool.SpoolException;
import org.mailserv.server.store.shared.SharedStore;
import org.mailserv.server.text.Failures;
import org.mailserv.server.tls.ServerTls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running server: one stage per concern, constructed in order of dependency, from the disk to the listeners. The stages live as long as the
 * server. A reload changes their settings; it does not replace them.
 */
public final class MailServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MailServer.class);
    private static final Duration LOCK_PATIENCE = Duration.ofSeconds(5);

    /** The configuration in effect: settings that need a restart keep the value of the start. */
    private volatile MailservConfig config;

    private final OpenResources resources;
    private final SessionRegistry sessions = new SessionRegistry();
    private final Listeners listeners;
    private final AccountStage accounts;
    private final StoreStage store;
    private final CheckStage checks;
    private final RelayStage relay;
    private final Optional<ServerTls> tls;
    private final Optional<AcmeStage> acme;
    private final SessionHandlers handlers;
    private final ReportStage.Sender reports;
    private final ApiHandlers api;
    private final HostCalls host;
    private final Readiness readiness;

    /**
     * Starts a server: recovers the spool and opens the listeners. If the start fails, everything is closed again. Blocks.
     *
     * @param process reads the configuration for a reload, and ends the process on request
     * @throws StartupException if a part cannot be opened
     */
    public static MailServer start(MailservConfig config, HostProcess process) throws StartupException {
        OpenResources resources = new OpenResources();
        try {
            return new MailServer(config, process, resources);
        } catch (StartupException | RuntimeException e) {
            resources.close();
            throw e;
        } catch (SpoolException | IOException e) {
            resources.close();
            throw new StartupException(Failures.text(e), e);
        }
    }

    private MailServer(MailservConfig config, HostProcess process, OpenResources resources)
            throws StartupException, SpoolException, IOException {
        this.config = config;
        this.resources = resources;
        Disk disk = new RealDisk();
        EventLoops loops = resources.add(
                new EventLoops(config.net().transport(), config.net().threads()));
        listeners = bind(config, loops, resources);
        acme = AcmeStage.open(config.tls().acme(), loops, resources);
        ProcessIdentity identity = ProcessIdentity.assume(config, disk);
        TlsStage certificates = TlsStage.start(config);
        DataFolder folder = openFolder(config, disk, resources);
        EventStage events = new EventStage(config, folder, resources);
        ReportStage reporting = new ReportStage(config, folder, resources);
        store = new StoreStage(config, folder, events.events(), resources);
        accounts = new AccountStage(config, disk, loops, store.store().counts(), resources);
        NettyDns dns = resources.add(dns(config, loops));
        checks = new CheckStage(
                config, folder, disk, loops, dns, store.store(), reporting.observations(), events.events(), resources);
        relay = relay(
                new RelayStage.Dependencies(
                        disk, loops, dns, accounts, store, checks, reporting.observations(), sessions, events.events()),
                folder);
        tls = certificates.await(resources);
        TrustedGateways gateways = new TrustedGateways(config.net().gatewayNames());
        readiness = new Readiness(store.spool(), gateways, () -> AcmeStage.warnings(acme));
        handlers = new SessionHandlers(accounts, store, checks, relay, dns, tls, sessions, gateways, events.events());
        listeners.prepare(handlers.of(config)).run();
        startRelay(resources);
        relay.openPickup(() -> this.config, folder, resources);
        listeners.accept();
        resources.add(() -> listeners.drain(config.shutdownTimeout()));
        reports = reporting.start(loops, dns, accounts, store, checks, relay, resources);
        api = resources.add(new ApiHandlers());
        host = new HostCalls(this, process);
        openApi(loops, dns, events);
        startUpkeep(disk, dns);
        FileHandles.warn(config.net().maxConnections(), config.relay().maxConnections());
        identity.warnIfRoot();
    }

    private RelayStage relay(RelayStage.Dependencies dependencies, DataFolder folder)
            throws IOException, SpoolException {
        return new RelayStage(dependencies, config, folder, listeners::smtpAddresses, resources);
    }

    private static NettyDns dns(MailservConfig config, EventLoops loops) {
        return new NettyDns(config.dns(), loops.group().next(), loops.datagramChannel(), loops.clientChannel());
    }

    private static Listeners bind(MailservConfig config, EventLoops loops, OpenResources resources)
            throws StartupException {
        Listeners listeners = new Listeners(config, loops);
        // A failed start must not leave ports open.
        resources.add(listeners::close);
        for (MailservConfig.ListenerConfig listener : config.listeners()) {
            listeners.bind(listener);
        }
        return listeners;
    }

    private static DataFolder openFolder(MailservConfig config, Disk disk, OpenResources resources)
            throws StartupException, IOException {
        DataFolder folder = resources.add(new DataFolder(config, disk));
        folder.lock(LOCK_PATIENCE);
        return folder;
    }

    /** Starts to request and renew the certificate, if the server has TLS and does that itself, and to share files with other servers. */
    private void startUpkeep(Disk disk, NettyDns dns) {
        store.shareFiles(checks.keys(), this::reloadFromFile);
        if (acme.isPresent() && tls.isPresent()) {
            acme.get().start(() -> config, disk, dns, tls.get(), relay, resources);
        }
    }

    private void openApi(EventLoops loops, NettyDns dns, EventStage events) throws StartupException {
        host.register(api);
        CallRegistry everywhere = everywhere();
        new QueueCalls(store.spool(), relay.relay(), checks.limits(), accounts.accounts()).register(everywhere);
        AccountFiles files = accounts.files(() -> config, store.mailboxes()::usage);
        new UserCalls(files).register(api);
        new AliasCalls(files).register(api);
        new UserExtraCalls(files).register(api);
        DomainCalls domains = new DomainCalls(
                files,
                new DomainServices(AccountPaths.dkim(config), dns, checks.keys()::reload, this::reloadForDomain));
        domains.register(api);
        new DkimCalls(domains).register(api);
        new ReceivedReportCalls(() -> config, accounts.accounts()).register(api);
        new CertificateCalls(tls, acme).register(api);
        new ClusterCalls(store.store()).register(api);
        HttpStage http =
                new HttpStage(() -> config, loops, readiness, events, sessions, listeners.limits(), store, acme);
        new StatusCalls(
                        () -> config,
                        readiness,
                        accounts,
                        store,
                        checks,
                        relay.relay(),
                        tls,
                        sessions,
                        events.traffic(),
                        http.logTail())
                .register(everywhere);
        http.open(api, accounts, relay.relay(), tls, checks.executor(), resources);
    }

    /** Returns where the calls are registered that one server answers for all servers that share its store. */
    private CallRegistry everywhere() {
        UndoableChanges undoable = resources.add(new UndoableChanges(api));
        if (store.store() instanceof SharedStore shared) {
            ClusterWideCalls calls = resources.add(new ClusterWideCalls(undoable, shared));
            calls.start();
            return calls;
        }
        return undoable;
    }

    /** Recovers the queue, after the responder is there that answers delivered messages. Blocks. */
    private void startRelay(OpenResources resources) throws SpoolException {
        store.answerBy(resources.add(new VacationResponder(
                accounts.vacations(),
                config.limits().vacationInterval(),
                new VacationResponder.Parts(
                        store.spool(),
                        accounts.accounts(),
                        relay.recipients(),
                        relay.acceptor(),
                        new DkimSigner(checks.keys(), InstantSource.system()),
                        InstantSource.system()))));
        relay.start();
    }

    private void reloadForDomain() throws ApiException {
        host.reload(new ReloadRequest(false));
    }

    /** Returns the API, for clients in this process. */
    public ServerApi api() {
        return api;
    }

    /** Reloads the configuration as the process read it. A failure is logged, and the configuration stays as it was. Blocks. */
    public void reloadFromFile() {
        try {
            host.reload(new ReloadRequest(false));
        } catch (ApiException e) {
            LOG.debug("event=reload-failed reason=\"{}\"", e.getMessage());
        }
    }

    /** Copies all data while mail is received and sent. Returns a line for the operator. Blocks until it is done. */
    String backUp(Path target) throws StartupException {
        try {
            return new Backup(config).write(store.store(), target);
        } catch (IOException e) {
            throw new StartupException("backup: " + Failures.text(e), e);
        }
    }

    /** Sends all reports that have observations, those of today included. Returns their number. Blocks. */
    int sendReports() throws StartupException {
        return reports.sendNow();
    }

    /**
     * Puts a new configuration into effect for new connections. If it fails, everything stays as it was. Blocks.
     *
     * @return the keys of changed settings that take effect only after a restart
     * @throws IOException if a file cannot be read; the message names the file
     * @throws StartupException if a setting cannot be used
     */
    synchronized List<String> reload(MailservConfig wanted) throws IOException, StartupException {
        requireRunning();
        MailservConfig next = RestartKeys.effective(config, wanted);
        Runnable stages = prepare(next);
        // The last step that can fail, and the only one that writes: into the users file, which is read after it.
        Runnable firstAccount = accounts.createFirstAccount(next);
        List<String> restart = RestartKeys.changed(config, wanted);
        stages.run();
        firstAccount.run();
        config = next;
        return restart;
    }

    /** Returns what {@link #reload} would change. Fails if a reload would fail. Blocks. */
    synchronized ReloadResult describeReload(MailservConfig wanted) throws IOException, StartupException {
        requireRunning();
        prepare(RestartKeys.effective(config, wanted));
        return DryReload.describe(config, wanted, RestartKeys.changed(config, wanted), relay.relay());
    }

    private void requireRunning() throws IOException {
        if (readiness.isStopping()) {
            throw new IOException("the server is not running");
        }
    }

    /** Performs every step of a reload that can fail, and changes nothing. The result completes the reload and cannot fail. Blocks. */
    private Runnable prepare(MailservConfig next) throws IOException, StartupException {
        MailservConfig now = config;
        accounts.prepare(next);
        Runnable routes = relay.prepare(next);
        Runnable keys = checks.keys().prepare();
        Runnable certificates = tls.isPresent() ? tls.get().prepare() : () -> {};
        Runnable sessionHandlers = listeners.prepare(handlers.of(next));
        return () -> {
            store.addDomains(now, next);
            certificates.run();
            keys.run();
            routes.run();
            sessionHandlers.run();
        };
    }

    /** Returns the bound addresses, in the order of the configuration. */
    public List<InetSocketAddress> addresses() {
        return listeners.addresses();
    }

    List<ListenerInfo> listeners() {
        return listeners.infos();
    }

    /**
     * Stops the server. It accepts no new connections; sessions finish their command or are asked to quit; the spool is left consistent. May be
     * called twice. Blocks for at most {@code shutdown-timeout} and the time of the last writes.
     */
    @Override
    public synchronized void close() {
        if (readiness.isStopping()) {
            return;
        }
        readiness.stop();
        listeners.drain(config.shutdownTimeout());
        resources.close();
    }
}
