package org.mailserv.app.server;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.Version;
import org.mailserv.app.config.DataFolder;
import org.mailserv.app.config.FirstAccount;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.RestartKeys;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.control.QueueRequest;
import org.mailserv.app.http.AdminData;
import org.mailserv.app.http.AdminDoor;
import org.mailserv.app.http.ClientSettings;
import org.mailserv.app.http.HttpDoor;
import org.mailserv.app.log.History;
import org.mailserv.app.log.LogTail;
import org.mailserv.app.log.Logging;
import org.mailserv.app.metrics.EventCounter;
import org.mailserv.app.metrics.Metrics;
import org.mailserv.app.metrics.Traffic;
import org.mailserv.pop3.Pop3ChannelInitializer;
import org.mailserv.pop3.Pop3Login;
import org.mailserv.relay.queue.QueueAdmin;
import org.mailserv.relay.queue.QueueFilter;
import org.mailserv.relay.queue.QueueView;
import org.mailserv.relay.queue.Relay;
import org.mailserv.relay.route.Routes;
import org.mailserv.server.account.Account;
import org.mailserv.server.account.AccountStore;
import org.mailserv.server.account.AliasesFile;
import org.mailserv.server.account.HelperAccounts;
import org.mailserv.server.account.LocalAccounts;
import org.mailserv.server.account.OwnNames;
import org.mailserv.server.account.UsersFile;
import org.mailserv.server.check.MessageChecks;
import org.mailserv.server.check.StandardChecks;
import org.mailserv.server.check.dkim.DkimKeys;
import org.mailserv.server.check.milter.MilterChecks;
import org.mailserv.server.check.reputation.Greylist;
import org.mailserv.server.check.reputation.SendingLimits;
import org.mailserv.server.delivery.RecipientRouter;
import org.mailserv.server.delivery.SenderRewriting;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.DiskLanes;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.dns.ClientNames;
import org.mailserv.server.dns.resolver.NettyDns;
import org.mailserv.server.mailbox.maildir.LocalMaildirs;
import org.mailserv.server.mailbox.maildir.MaildirLayout;
import org.mailserv.server.mailbox.maildir.MaildirStore;
import org.mailserv.server.net.CidrSet;
import org.mailserv.server.net.ConnectionLimits;
import org.mailserv.server.net.DrainEvent;
import org.mailserv.server.net.EventLoops;
import org.mailserv.server.net.Privileges;
import org.mailserv.server.net.SessionRegistry;
import org.mailserv.server.net.TrustedGateways;
import org.mailserv.server.pickup.Pickup;
import org.mailserv.server.pickup.PickupServices;
import org.mailserv.server.report.DailyReports;
import org.mailserv.server.report.ObservationFiles;
import org.mailserv.server.report.Observations;
import org.mailserv.server.sasl.LoginThrottle;
import org.mailserv.server.sasl.SaslMechanisms;
import org.mailserv.server.smtp.SmtpChannelInitializer;
import org.mailserv.server.smtp.SmtpEndpoint;
import org.mailserv.server.smtp.SmtpServices;
import org.mailserv.server.spool.SealedIds;
import org.mailserv.server.spool.SpoolException;
import org.mailserv.server.spool.file.FileSpool;
import org.mailserv.server.tls.ServerTls;
import org.mailserv.server.tls.TlsMode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All parts put together, from the disk up to the listeners. */
public final class MailServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MailServer.class);
    // Of a day's observations of one kind.
    private static final long MOST_OBSERVED = 50 << 20;
    private static final int READ_AHEAD = 1_000;
    // The answer to a message waits for the client's name no longer.
    private static final Duration PTR_TIMEOUT = Duration.ofSeconds(5);

    /** The configuration that is in effect: what needs a restart is as it was at the start, whatever was reloaded since. */
    private volatile MailservConfig config;

    private final Disk disk = new RealDisk();
    private final SessionRegistry sessions = new SessionRegistry();
    private final ChannelGroup listeners = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final List<AutoCloseable> opened = new ArrayList<>();
    private final List<Bound> bound = new CopyOnWriteArrayList<>();
    private final ConnectionLimits limits;
    private final EventCounter events;
    private final TrustedGateways gateways;

    private @Nullable Parts parts;
    private volatile @Nullable DailyReports reports;
    private volatile boolean closed;
    private boolean asRoot;

    /** A listener, in the order of the configuration. */
    private record Bound(MailservConfig.ListenerConfig config, ConnectionGate gate, Channel channel) {
        MailservConfig.Kind kind() {
            return config.kind();
        }
    }

    /** @param events counts what is in the log */
    public MailServer(MailservConfig config, EventCounter events) {
        this.config = config;
        this.events = events;
        MailservConfig.NetSettings net = config.net();
        this.gateways = new TrustedGateways(net.gatewayNames());
        this.limits = new ConnectionLimits(new ConnectionLimits.Bounds(
                FileHandles.connections(net.maxConnections(), config.relay().maxConnections()),
                net.maxConnectionsPerClient(),
                net.maxNewConnections(),
                CidrSet.parse(net.exemptNetworks())));
    }

    /** What lives as long as the server, over every reload. */
    private record Parts(
            LocalAccounts ownAccounts,
            AccountStore accounts,
            MaildirLayout layout,
            MaildirStore mailboxes,
            RecipientRouter router,
            FileSpool spool,
            NettyDns dns,
            OutgoingMail outgoing,
            LoginThrottle throttle,
            @Nullable ServerTls tls,
            DkimKeys keys,
            Greylist greylist,
            SendingLimits limits,
            Executor arithmetic,
            DiskLanes readers,
            EventLoops loops,
            Observations observations) {}

    /** Recovers the spool and opens the listeners. Blocks. When it fails, everything is closed again. */
    public void start() throws StartupException {
        try {
            open();
        } catch (StartupException | RuntimeException e) {
            close();
            throw e;
        } catch (SpoolException | IOException e) {
            close();
            throw new StartupException(String.valueOf(e.getMessage()), e);
        }
    }

    private void open() throws StartupException, SpoolException, IOException {
        EventLoops loops =
                closing(new EventLoops(config.net().transport(), config.net().threads()));
        // Bound while we may bind everything, and silent until there is something behind them.
        for (MailservConfig.ListenerConfig listener : config.listeners()) {
            bind(loops, listener);
        }
        dropPrivileges();
        // The TLS library takes longer than everything else together, and needs none of it.
        CompletableFuture<@Nullable ServerTls> tls = new CompletableFuture<>();
        new Thread(() -> openTls(tls), "tls-start").start();
        DataFolder folder = closing(new DataFolder(config, disk));
        folder.lock(Duration.ofSeconds(5));
        if (config.history().enabled()) {
            closing(new History(config.dataDir().toAbsolutePath().resolve("history"), config.history()));
        }
        ObservationFiles observed = config.reports().dmarc() || config.reports().tls()
                ? closing(new ObservationFiles(
                        config.dataDir().toAbsolutePath().resolve("reports"), InstantSource.system(), MOST_OBSERVED))
                : null;
        Observations observations = observed == null ? Observations.NONE : observed;
        FirstAccount.create(config, usersFile());
        LocalAccounts ownAccounts = closing(new LocalAccounts(
                config.domains(),
                config.primaryDomain(),
                OwnNames.ofThisMachine(config.hostname()),
                usersFile(),
                new AliasesFile(config.aliasesFilePath(), disk),
                config.tagSeparators(),
                config.login().hashThreads()));
        AccountStore accounts = config.passwordHelper().isSet()
                ? closing(new HelperAccounts(ownAccounts, config.passwordHelper(), config.tagSeparators()))
                : ownAccounts;
        SealedIds ids = folder.ids();
        MaildirLayout layout = folder.layout();
        LocalMaildirs maildirs = closing(new LocalMaildirs(
                layout, disk, config.spool().lanes(), config.spool().laneQueue()));
        FileSpool spool = closing(new FileSpool(folder.spoolConfig(), disk, maildirs, ids));
        MaildirStore mailboxes = new MaildirStore(maildirs, ids, spool::recordDeletions);
        SenderRewriting rewriting = rewriting(folder, accounts);
        NettyDns dns = closing(
                new NettyDns(config.dns(), loops.group().next(), loops.datagramChannel(), loops.clientChannel()));
        DkimKeys dkim = new DkimKeys(folder.dkim(), InstantSource.system());
        OutgoingMail outgoing = closing(new OutgoingMail(
                config,
                new OutgoingMail.Ground(
                        loops, dns, spool, accounts, mailboxes, rewriting, sessions, observations, dkim),
                this::smtpAddresses));
        spool.recover(outgoing.relay()::enqueue);
        LoginThrottle throttle = new LoginThrottle(
                loops.group(),
                config.login().failureDelay(),
                config.login().maxFailures(),
                config.login().lockout());
        DiskLanes readers = closing(
                new DiskLanes("pop3", config.spool().lanes(), config.spool().laneQueue()));
        Executor arithmetic = arithmetic();
        Parts made = new Parts(
                ownAccounts,
                accounts,
                layout,
                mailboxes,
                new RecipientRouter(accounts, mailboxes, rewriting),
                spool,
                dns,
                outgoing,
                throttle,
                opened(tls),
                dkim,
                openGreylist(loops, arithmetic),
                openLimits(loops, arithmetic),
                arithmetic,
                readers,
                loops,
                observations);
        parts = made;
        made.limits()
                .onBrake(new OperatorNotices(
                        made.spool(), made.router(), made.outgoing().acceptor(), InstantSource.system())::braked);
        prepareGates(config, made).run();
        openPickup(folder.pickup(), made);
        for (Bound listener : bound) {
            Channel channel = listener.channel();
            LOG.info("event=listening kind={} address={}", listener.kind(), channel.localAddress());
            channel.config().setAutoRead(true);
        }
        if (observed != null) {
            openReports(observed, loops, made);
        }
        openHttp(loops, made);
        Thread reader = new Thread(() -> readQueue(spool, outgoing.relay()), "queue-reader");
        reader.setDaemon(true);
        reader.start();
        FileHandles.warn(config.net().maxConnections(), config.relay().maxConnections());
        if (asRoot) {
            LOG.warn("event=running-as-root advice=\"set user, or start it as a user of its own\"");
        }
    }

    private @Nullable SenderRewriting rewriting(DataFolder folder, AccountStore accounts) throws IOException {
        if (!config.srs().enabled()) {
            return null;
        }
        byte[] secret = SenderRewriting.secretIn(folder.srsSecret(), disk);
        return new SenderRewriting(secret, accounts, config.srs().maxAge(), InstantSource.system());
    }

    /** A million messages take a minute: mail comes in meanwhile. */
    private static void readQueue(FileSpool spool, Relay relay) {
        AtomicInteger given = new AtomicInteger();
        try {
            spool.readQueue(message -> {
                relay.enqueue(message);
                if (given.incrementAndGet() % READ_AHEAD == 0) {
                    awaitTaken(relay);
                }
            });
        } catch (SpoolException e) {
            LOG.error("event=queue-unreadable reason=\"{}\"", e.getMessage());
        }
    }

    /** What was given may not pile up before a relay that has other things to do. */
    private static void awaitTaken(Relay relay) {
        try {
            relay.size().toCompletableFuture().get(10, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("event=relay-busy reason={}", e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ports below 1024 are bound: what is left does not need root. */
    private void dropPrivileges() throws IOException {
        String user = config.user();
        if (!Privileges.isRoot()) {
            return;
        } else if (user == null) {
            stayRoot();
            return;
        }
        Privileges.Identity identity = Privileges.find(user, config.group());
        Path folder = config.dataDir().toAbsolutePath();
        if (disk.createDirectories(folder)) {
            Files.setAttribute(folder, "unix:uid", identity.uid());
            Files.setAttribute(folder, "unix:gid", identity.gid());
        }
        Privileges.drop(identity);
        LOG.info("event=privileges-dropped user={} uid={} gid={}", user, identity.uid(), identity.gid());
    }

    /** Signatures and the like: bounded, and where the queue is full the caller does it itself. */
    private Executor arithmetic() {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                2,
                2,
                10,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(1000),
                new DefaultThreadFactory("check", true),
                new ThreadPoolExecutor.CallerRunsPolicy());
        pool.allowCoreThreadTimeOut(true);
        closing(pool::shutdown);
        return pool;
    }

    /** What is known of clients: read, and written once a minute and at the end. Blocks. */
    private Greylist openGreylist(EventLoops loops, Executor writer) throws IOException {
        Path file = config.dataDir().toAbsolutePath().resolve("greylist");
        Greylist list = new Greylist(config.checks().greylist(), file, disk, InstantSource.system());
        loops.group().scheduleWithFixedDelay(() -> writer.execute(() -> save(list)), 1, 1, TimeUnit.MINUTES);
        closing(() -> save(list));
        return list;
    }

    /** What accounts are used to send: read, and written once a minute and at the end. Blocks. */
    private SendingLimits openLimits(EventLoops loops, Executor writer) throws IOException {
        Path file = config.dataDir().toAbsolutePath().resolve("sending");
        SendingLimits limits = SendingLimits.in(file, config.limits(), InstantSource.system());
        loops.group().scheduleWithFixedDelay(() -> writer.execute(() -> save(limits, file)), 1, 1, TimeUnit.MINUTES);
        closing(() -> save(limits, file));
        return limits;
    }

    private void save(SendingLimits limits, Path file) {
        try {
            limits.save(file, disk);
        } catch (IOException e) {
            LOG.warn("event=sending-habits-not-saved reason=\"{}\"", e.toString());
        }
    }

    /** Takes the brake off an account, and releases or drops what is held of it; says what was done. Blocks. */
    public String release(String account, boolean drop) throws StartupException {
        Parts made = parts;
        if (made == null) {
            throw new StartupException("the server is starting");
        }
        QueueAdmin admin = wholeQueue(made);
        boolean braked = made.limits().release(account);
        Set<String> ids = new LinkedHashSet<>();
        Lookups.await(admin.list(new QueueFilter(Set.of(), null, null, null, 0))).stream()
                .filter(view -> view.queue().equals("hold") && account.equals(view.account()))
                .forEach(view -> ids.add(view.id()));
        if (!ids.isEmpty()) {
            Lookups.await(admin.act(
                    drop ? QueueAdmin.Action.REMOVE : QueueAdmin.Action.RELEASE,
                    new QueueFilter(ids, null, null, null, 0)));
        }
        return account + ": " + (braked ? "brake taken off, " : "not braked, ") + ids.size() + " held messages "
                + (drop ? "dropped" : "released") + "\n";
    }

    private static void save(Greylist list) {
        try {
            list.save();
        } catch (IOException e) {
            LOG.warn("event=greylist-not-saved reason=\"{}\"", e.toString());
        }
    }

    /** Certificates, where a listener wants them. Blocks. */
    private void openTls(CompletableFuture<@Nullable ServerTls> done) {
        boolean wanted = config.listeners().stream().anyMatch(listener -> listener.tlsMode() != TlsMode.NONE);
        try {
            done.complete(
                    wanted
                            ? new ServerTls(
                                    config.tls(),
                                    config.dataDir().toAbsolutePath().resolve("tls"),
                                    config.hostname())
                            : null);
        } catch (IOException | RuntimeException | Error e) {
            done.completeExceptionally(e);
        }
    }

    private @Nullable ServerTls opened(CompletableFuture<@Nullable ServerTls> tls) throws IOException {
        try {
            ServerTls made = tls.join();
            return made == null ? null : closing(made);
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException problem) {
                throw problem;
            }
            throw e;
        }
    }

    private void openHttp(EventLoops loops, Parts made) throws StartupException {
        MailservConfig.HttpSettings http = config.http();
        if (http.enabled()) {
            closing(new HttpDoor(
                    loops,
                    socketAddress(http.address(), http.port()),
                    () -> trouble(made),
                    this::notes,
                    () -> Metrics.write(new Metrics.Sources(
                            events,
                            sessions,
                            limits,
                            made.outgoing().relay().messages(),
                            made.spool().isWritable(),
                            Version.text())),
                    adminDoor(loops, made),
                    request -> new ClientSettings(config).answer(request)));
        }
    }

    private @Nullable AdminDoor adminDoor(EventLoops loops, Parts made) {
        String password = config.http().adminPassword();
        if (password == null) {
            return null;
        }
        Traffic traffic = new Traffic(events);
        loops.group().scheduleAtFixedRate(traffic::tick, 1, 1, TimeUnit.MINUTES);
        LogTail tail = new LogTail();
        Logging.add(tail);
        return new AdminDoor(
                config.hostname(),
                config.http().hostNames(),
                password,
                new LiveData(made, traffic, tail),
                made.arithmetic());
    }

    /** The server as it is now. */
    private final class LiveData implements AdminData {
        private static final int MOST_MAILBOXES = 200;

        private final Parts made;
        private final Traffic traffic;
        private final LogTail tail;

        LiveData(Parts made, Traffic traffic, LogTail tail) {
            this.made = made;
            this.traffic = traffic;
            this.tail = tail;
        }

        @Override
        public String trouble() {
            return MailServer.this.trouble(made);
        }

        @Override
        public int queued() {
            return made.outgoing().relay().messages();
        }

        @Override
        public CompletionStage<List<QueueView>> queue(QueueFilter filter) {
            return made.outgoing().relay().admin().list(filter);
        }

        @Override
        public CompletionStage<List<QueueView>> act(QueueAdmin.Action action, QueueFilter filter) {
            return made.outgoing().relay().admin().act(action, filter);
        }

        @Override
        public List<SessionRegistry.View> sessions() {
            return sessions.views();
        }

        @Override
        public CompletionStage<List<Mailbox>> mailboxes() {
            CompletionStage<List<Mailbox>> all = CompletableFuture.completedFuture(new ArrayList<>());
            for (Account account :
                    made.ownAccounts().accounts().stream().limit(MOST_MAILBOXES).toList()) {
                CompletionStage<Mailbox> one = made.mailboxes()
                        .usage(account.mailbox())
                        .handle((usage, failure) -> usage == null
                                ? new Mailbox(account.mailbox().toString(), 0, 0)
                                : new Mailbox(account.mailbox().toString(), usage.octets(), usage.messages()));
                all = all.thenCombine(one, (list, next) -> {
                    list.add(next);
                    return list;
                });
            }
            return all;
        }

        @Override
        public List<ServerTls.CertificateView> certificates() {
            ServerTls tls = made.tls();
            return tls == null ? List.of() : tls.certificates();
        }

        @Override
        public List<String> log() {
            return tail.lines();
        }

        @Override
        public List<Traffic.Minute> traffic(int minutes, int parts) {
            return traffic.last(minutes, parts);
        }

        @Override
        public List<String> dns() {
            return config.dns().servers();
        }

        @Override
        public List<String> braked() {
            return made.limits().braked();
        }
    }

    /** Why no mail can be taken now, or an empty text. */
    private String trouble(Parts made) {
        if (closed) {
            return "stopping";
        }
        return made.spool().isWritable() ? "" : "the spool takes no mail: its disk is full or fails";
    }

    /** What an operator should know though mail flows; lines, or an empty text. */
    private String notes() {
        StringBuilder text = new StringBuilder();
        gateways.withdrawn()
                .forEach(address -> text.append("trust withdrawn from ")
                        .append(address)
                        .append(": ")
                        .append(TrustedGateways.ADVICE)
                        .append('\n'));
        return text.toString();
    }

    private void openPickup(Path folder, Parts made) throws IOException {
        if (config.pickup().enabled()) {
            closing(new Pickup(
                    new PickupServices(
                            disk,
                            config.pickup(),
                            config.hostname(),
                            made.accounts()::primaryDomain,
                            () -> config.smtp().maxMessageSize(),
                            made.spool(),
                            made.router(),
                            made.outgoing().acceptor(),
                            made.outgoing().returned(),
                            InstantSource.system()),
                    folder));
        }
    }

    /** Copies everything while mail goes on; says what was copied. Blocks until it is done. */
    public String backUp(Path target) throws StartupException {
        Parts made = parts;
        if (made == null) {
            throw new StartupException("the server is starting");
        }
        try {
            return new Backup(config).write(made.spool(), target);
        } catch (IOException e) {
            throw new StartupException("backup: " + e.getMessage(), e);
        }
    }

    /** What an operator asks of the queue. Blocks until it is done. */
    public List<QueueView> queue(QueueRequest request) throws StartupException {
        Parts made = parts;
        if (made == null) {
            throw new StartupException("the server is starting");
        }
        QueueAdmin admin = wholeQueue(made);
        QueueAdmin.Action action = request.action();
        try {
            return (action == null ? admin.list(request.filter()) : admin.act(action, request.filter()))
                    .toCompletableFuture()
                    .get();
        } catch (ExecutionException e) {
            throw new StartupException(String.valueOf(e.getCause()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartupException("interrupted", e);
        }
    }

    /** Right after a start the queue is still being read, and for an operator "all" means all. Blocks until it is. */
    private static QueueAdmin wholeQueue(Parts made) throws StartupException {
        try {
            made.spool().awaitQueue();
        } catch (IOException e) {
            throw new StartupException(String.valueOf(e.getMessage()), e);
        }
        return made.outgoing().relay().admin();
    }

    /** A server on the well-known ports is a real one, and a real one does not keep root's rights unless it is told to. */
    private void stayRoot() throws IOException {
        boolean real = config.listeners().stream().anyMatch(listener -> {
            int port = listener.effectivePort();
            return port > 0 && port < 1024;
        });
        if (real && !config.allowRoot()) {
            throw new IOException("user: not set, and the server would go on as root (expected: user = \"mailserv\","
                    + " or allow-root = true)");
        }
        asRoot = true;
    }

    /** Once an hour what is due is sent: a day's reports within the first hour of the next. */
    private void openReports(ObservationFiles files, EventLoops loops, Parts made) {
        DailyReports daily = new DailyReports(new DailyReports.Parts(
                config.reports(),
                config.hostname(),
                made.ownAccounts()::primaryDomain,
                files,
                made.dns(),
                made.spool(),
                made.router(),
                made.outgoing().acceptor(),
                made.keys(),
                InstantSource.system()));
        reports = daily;
        ThreadPoolExecutor sender = new ThreadPoolExecutor(
                0,
                1,
                10,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(1),
                new DefaultThreadFactory("reports", true),
                new ThreadPoolExecutor.DiscardPolicy());
        closing(sender::shutdownNow);
        loops.group()
                .scheduleWithFixedDelay(
                        () -> sender.execute(() -> {
                            try {
                                daily.send(false);
                            } catch (IOException e) {
                                LOG.warn("event=reports-failed reason=\"{}\"", e.toString());
                            }
                        }),
                        1,
                        60,
                        TimeUnit.MINUTES);
    }

    /** Sends the reports that there is something for, also of today. Blocks. */
    public String sendReports() {
        DailyReports daily = reports;
        if (daily == null) {
            return "failed: no reports are collected (reports.dmarc, reports.tls)\n";
        }
        try {
            return daily.send(true) + " reports sent\n";
        } catch (IOException e) {
            return "failed: " + e.getMessage() + "\n";
        }
    }

    /** Makes what serves new connections; the result puts it behind the listeners. */
    private Runnable prepareGates(MailservConfig settings, Parts made) {
        SmtpServices smtp = new SmtpServices(
                settings.hostname(),
                settings.smtp(),
                made.spool(),
                made.accounts(),
                made.router(),
                made.outgoing().acceptor(),
                new SaslMechanisms(made.accounts()),
                made.throttle(),
                made.outgoing().relay()::retryDomain,
                new ClientNames(made.dns(), PTR_TIMEOUT)::find,
                checks(settings, made),
                made.limits(),
                gateways,
                InstantSource.system());
        SmtpChannelInitializer.Networks networks = new SmtpChannelInitializer.Networks(
                CidrSet.parse(settings.relayNetworks()),
                CidrSet.parse(settings.plaintextAuthNetworks()),
                CidrSet.parse(settings.xclientNetworks()));
        Map<ConnectionGate, ChannelHandler> handlers = new LinkedHashMap<>();
        for (Bound listener : bound) {
            MailservConfig.ListenerConfig place = listener.config();
            handlers.put(
                    listener.gate(),
                    place.kind().isPop3()
                            ? pop3(settings, made, place)
                            : new SmtpChannelInitializer(smtp, endpoint(place), networks, made.tls(), sessions));
        }
        return () -> handlers.forEach(ConnectionGate::open);
    }

    private MessageChecks checks(MailservConfig settings, Parts made) {
        MessageChecks own = new StandardChecks(new StandardChecks.Parts(
                settings.checks(),
                settings.hostname(),
                made.dns(),
                made.keys(),
                settings.checks().greylist().enabled() ? made.greylist() : null,
                made.arithmetic(),
                settings.reports().dmarc() ? made.observations() : Observations.NONE,
                InstantSource.system()));
        return settings.milters().filters().isEmpty()
                ? own
                : new MilterChecks(own, settings.hostname(), settings.milters().configs(), made.loops());
    }

    private static SmtpEndpoint endpoint(MailservConfig.ListenerConfig listener) {
        SmtpEndpoint.Kind kind = listener.kind().isSubmission()
                ? SmtpEndpoint.Kind.SUBMISSION
                : listener.kind() == MailservConfig.Kind.LMTP ? SmtpEndpoint.Kind.LMTP : SmtpEndpoint.Kind.SMTP;
        return new SmtpEndpoint(kind, listener.tlsMode(), listener.hasAuth());
    }

    private Pop3ChannelInitializer pop3(MailservConfig settings, Parts made, MailservConfig.ListenerConfig listener) {
        Pop3Login.Services services = new Pop3Login.Services(
                settings.pop3().config(),
                made.accounts(),
                made.mailboxes(),
                made.throttle(),
                new SaslMechanisms(made.accounts()));
        return new Pop3ChannelInitializer(
                services,
                settings.hostname(),
                CidrSet.parse(settings.pop3().plaintextNetworks()),
                CidrSet.parse(settings.pop3().passwordlessNetworks()),
                listener.tlsMode(),
                made.tls(),
                task -> made.readers().any().execute(task),
                sessions);
    }

    /**
     * Puts a new configuration into effect for new connections. All or nothing: when it fails, everything stays as it was. Blocks.
     *
     * @return the settings that take effect only after a restart, by key
     * @throws IOException when a file cannot be read; it names the file
     * @throws StartupException when a setting cannot be used
     */
    public synchronized List<String> reload(MailservConfig wanted) throws IOException, StartupException {
        Parts made = running();
        MailservConfig next = RestartKeys.effective(config, wanted);
        Runnable rest = prepare(next, made);
        // The last thing that can fail, and the only one that leaves a trace: in the users file, which is read after
        // it.
        FirstAccount.create(next, usersFile());
        Runnable accounts = made.ownAccounts().prepare(next.domains(), next.primaryDomain());
        List<String> restart = RestartKeys.changed(config, wanted);
        rest.run();
        accounts.run();
        config = next;
        return restart;
    }

    /** Says what {@link #reload} would do, in lines. It fails where a reload would. Blocks. */
    public synchronized String describeReload(MailservConfig wanted) throws IOException, StartupException {
        Parts made = running();
        prepare(RestartKeys.effective(config, wanted), made);
        List<String> restart = RestartKeys.changed(config, wanted);
        return DryReload.describe(config, wanted, restart, made.outgoing().relay());
    }

    private Parts running() throws IOException {
        Parts made = parts;
        if (made == null || closed) {
            throw new IOException("the server is not running");
        }
        return made;
    }

    /** Reads and makes everything that can fail, and changes nothing yet. Blocks. */
    private Runnable prepare(MailservConfig next, Parts made) throws IOException, StartupException {
        MailservConfig now = config;
        FirstAccount.check(next);
        made.ownAccounts().prepare(next.domains(), next.primaryDomain());
        Routes routes = new Routes(next.relay());
        Runnable keys = made.keys().prepare();
        ServerTls tls = made.tls();
        Runnable certificates = tls == null ? () -> {} : tls.prepare();
        Runnable gates = prepareGates(next, made);
        return () -> {
            next.domains().forEach((name, domain) -> {
                if (!now.domains().containsKey(name)) {
                    made.layout().addDomain(name, domain.absolutePath());
                }
            });
            certificates.run();
            keys.run();
            made.outgoing().relay().setRoutes(routes);
            made.outgoing().setGrace(next.shutdownTimeout());
            gates.run();
        };
    }

    /** Closes a part with the server. */
    public synchronized void attach(AutoCloseable part) {
        opened.add(part);
    }

    /** The open sessions, to look at. */
    public SessionRegistry sessions() {
        return sessions;
    }

    private <T extends AutoCloseable> T closing(T part) {
        opened.add(part);
        return part;
    }

    private UsersFile usersFile() {
        return new UsersFile(config.usersFilePath(), disk);
    }

    private void bind(EventLoops loops, MailservConfig.ListenerConfig listener) throws StartupException {
        int port = listener.effectivePort();
        InetSocketAddress address = socketAddress(listener.address(), port);
        ConnectionGate gate = new ConnectionGate(connections, limits, listener);
        ChannelFuture binding = new ServerBootstrap()
                .group(loops.group())
                .channel(loops.serverChannel())
                .option(ChannelOption.SO_BACKLOG, config.net().backlog())
                .option(ChannelOption.SO_REUSEADDR, true)
                // A client may close its side and still wait for its answers.
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(64 << 10, 256 << 10))
                .option(ChannelOption.AUTO_READ, false)
                .handler(new FileHandles.AcceptFailures())
                .childHandler(gate)
                .bind(address)
                .awaitUninterruptibly();
        if (!binding.isSuccess()) {
            throw new StartupException(bindProblem(listener, binding.cause()), binding.cause());
        }
        listeners.add(binding.channel());
        bound.add(new Bound(listener, gate, binding.channel()));
    }

    private static InetSocketAddress socketAddress(String address, int port) {
        return address.equals("*") ? new InetSocketAddress(port) : new InetSocketAddress(address, port);
    }

    private static String bindProblem(MailservConfig.ListenerConfig listener, Throwable cause) {
        String where = listener.kind().name().toLowerCase(Locale.ROOT) + " listener " + listener.address() + ":"
                + listener.effectivePort() + ": ";
        String message = String.valueOf(cause.getMessage());
        if (message.contains("in use")) {
            return where + "address already in use (another mail server? see `ss -ltnp`)";
        } else if (message.contains("ermission denied")) {
            return where + "permission denied: ports below 1024 need root or CAP_NET_BIND_SERVICE";
        }
        return where + message;
    }

    /** Addresses that are listened on, in the order of the configuration. */
    public List<InetSocketAddress> addresses() {
        return bound.stream()
                .map(listener -> listener.channel().localAddress())
                .map(InetSocketAddress.class::cast)
                .toList();
    }

    /** A line for each listener: kind, address, port, TLS and networks of proxies, parted by tabs. */
    public String describeListeners() {
        StringBuilder text = new StringBuilder();
        for (Bound listener : bound) {
            InetSocketAddress address = (InetSocketAddress) listener.channel().localAddress();
            text.append(listener.kind().name())
                    .append('\t')
                    .append(address.getAddress().getHostAddress())
                    .append('\t')
                    .append(address.getPort())
                    .append('\t')
                    .append(listener.config().tlsMode().name())
                    .append('\t')
                    .append(String.join(",", listener.config().proxyFrom()))
                    .append('\n');
        }
        return text.toString();
    }

    private List<InetSocketAddress> smtpAddresses() {
        return bound.stream()
                .filter(listener -> !listener.kind().isPop3())
                .map(listener -> (InetSocketAddress) listener.channel().localAddress())
                .toList();
    }

    /**
     * Stops: no new connections; sessions finish what they are at, or are told to go; the spool is left whole. Blocks, for
     * {@code shutdown-timeout} and the time of the last writes at most. May be called twice.
     */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        listeners.close().awaitUninterruptibly(2_000);
        connections.forEach(channel -> channel.pipeline().fireUserEventTriggered(DrainEvent.INSTANCE));
        if (!connections
                .newCloseFuture()
                .awaitUninterruptibly(config.shutdownTimeout().toMillis())) {
            LOG.warn("event=sessions-cut open={}", connections.size());
            connections.close().awaitUninterruptibly(2_000);
        }
        // The spool is closed before the mailboxes it syncs, and the event loops last.
        for (int i = opened.size() - 1; i >= 0; i--) {
            try {
                opened.get(i).close();
            } catch (Exception e) {
                LOG.error("event=close-failed part={}", opened.get(i), e);
            }
        }
    }

    /** Whether a folder can be used, so that check-config can tell before the start. */
    public static boolean isUsable(Path folder) {
        Path existing = folder.toAbsolutePath();
        while (existing != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        return existing != null && Files.isDirectory(existing) && Files.isWritable(existing);
    }
}
