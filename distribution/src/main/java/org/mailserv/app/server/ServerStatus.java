package org.mailserv.app.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.http.AdminData;
import org.mailserv.app.log.LogTail;
import org.mailserv.app.metrics.Traffic;
import org.mailserv.relay.queue.QueueFilter;
import org.mailserv.relay.queue.QueueOrder;
import org.mailserv.relay.queue.QueueResult;
import org.mailserv.relay.queue.QueueView;
import org.mailserv.relay.queue.Relay;
import org.mailserv.server.account.Account;
import org.mailserv.server.net.SessionRegistry;
import org.mailserv.server.tls.ServerTls;

/** The running server as the admin page sees it. */
final class ServerStatus implements AdminData {
    private static final int MAX_MAILBOXES = 200;

    private final Supplier<MailservConfig> config;
    private final Readiness readiness;
    private final AccountStage accounts;
    private final StoreStage store;
    private final CheckStage checks;
    private final Relay relay;
    private final Optional<ServerTls> tls;
    private final SessionRegistry sessions;
    private final Traffic traffic;
    private final LogTail tail;

    ServerStatus(
            Supplier<MailservConfig> config,
            Readiness readiness,
            AccountStage accounts,
            StoreStage store,
            CheckStage checks,
            Relay relay,
            Optional<ServerTls> tls,
            SessionRegistry sessions,
            Traffic traffic,
            LogTail tail) {
        this.config = config;
        this.readiness = readiness;
        this.accounts = accounts;
        this.store = store;
        this.checks = checks;
        this.relay = relay;
        this.tls = tls;
        this.sessions = sessions;
        this.traffic = traffic;
        this.tail = tail;
    }

    @Override
    public String trouble() {
        return readiness.problem();
    }

    @Override
    public int queued() {
        return relay.messages();
    }

    @Override
    public CompletionStage<List<QueueView>> queue(QueueFilter filter) {
        return relay.admin().list(filter);
    }

    @Override
    public CompletionStage<QueueResult> act(QueueOrder order) {
        return relay.admin().act(order);
    }

    @Override
    public List<SessionRegistry.View> sessions() {
        return sessions.views();
    }

    @Override
    public CompletionStage<List<Mailbox>> mailboxes() {
        CompletionStage<List<Mailbox>> all = CompletableFuture.completedFuture(new ArrayList<>());
        for (Account account :
                accounts.local().accounts().stream().limit(MAX_MAILBOXES).toList()) {
            String name = account.mailbox().toString();
            CompletionStage<Mailbox> one = store.mailboxes()
                    .usage(account.mailbox())
                    .handle((usage, failure) -> usage == null
                            ? new Mailbox(name, 0, 0)
                            : new Mailbox(name, usage.octets(), usage.messages()));
            all = all.thenCombine(one, (list, next) -> {
                list.add(next);
                return list;
            });
        }
        return all;
    }

    @Override
    public List<ServerTls.CertificateView> certificates() {
        return tls.map(ServerTls::certificates).orElse(List.of());
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
        return config.get().dns().servers();
    }

    @Override
    public List<String> braked() {
        return checks.limits().braked();
    }
}
