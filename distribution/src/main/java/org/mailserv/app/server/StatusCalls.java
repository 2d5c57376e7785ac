package org.mailserv.app.server;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.mailserv.app.Version;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.CallRegistry;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.MailboxUsage;
import org.mailserv.app.api.MessageStory;
import org.mailserv.app.api.Operator;
import org.mailserv.app.api.ServerState;
import org.mailserv.app.api.SessionInfo;
import org.mailserv.app.api.TraceQuery;
import org.mailserv.app.api.TrafficHistory;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.log.LogTail;
import org.mailserv.app.log.MessageTrace;
import org.mailserv.app.log.TraceScope;
import org.mailserv.app.metrics.Traffic;
import org.mailserv.relay.queue.Relay;
import org.mailserv.server.account.Account;
import org.mailserv.server.net.SessionRegistry;
import org.mailserv.server.tls.ServerTls;

/** The calls that show the state of the server. */
final class StatusCalls {
    private static final int MAX_MAILBOXES = 200;
    static final int DEFAULT_STORIES = 20;
    private static final int MAX_STORIES = 200;

    private final Supplier<MailservConfig> config;
    private final Readiness readiness;
    private final AccountStage accounts;
    private final StoreStage store;
    private final CheckStage checks;
    private final Relay relay;
    private final Optional<ServerTls> tls;
    private final SessionRegistry sessions;
    private final Traffic traffic;
    private final Optional<LogTail> tail;

    /** @param tail empty if the log is not kept in memory, because there is no admin page */
    StatusCalls(
            Supplier<MailservConfig> config,
            Readiness readiness,
            AccountStage accounts,
            StoreStage store,
            CheckStage checks,
            Relay relay,
            Optional<ServerTls> tls,
            SessionRegistry sessions,
            Traffic traffic,
            Optional<LogTail> tail) {
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

    void register(CallRegistry api) {
        api.on(Calls.STATE, (request, by) -> state())
                .on(Calls.SESSIONS, (request, by) -> sessions())
                .on(Calls.MAILBOXES, (request, by) -> mailboxes())
                .on(Calls.TRAFFIC, (request, by) -> traffic())
                .on(Calls.TRACE, this::trace)
                .on(Calls.LOG, (request, by) -> log());
    }

    private ServerState state() {
        return new ServerState(
                config.get().hostname(),
                Version.text(),
                Instant.ofEpochMilli(ManagementFactory.getRuntimeMXBean().getStartTime()),
                readiness.problem(),
                relay.messages(),
                sessions.size(),
                checks.limits().braked(),
                config.get().dns().servers(),
                tls.map(ServerTls::certificates).orElse(List.of()).stream()
                        .map(view -> new ServerState.CertificateInfo(
                                List.copyOf(view.names()),
                                view.notAfter(),
                                view.file().toString()))
                        .toList(),
                readiness.certificateWarnings());
    }

    private List<SessionInfo> sessions() {
        return sessions.views().stream()
                .map(view -> new SessionInfo(
                        view.id(),
                        view.kind().label(),
                        view.peer(),
                        view.since(),
                        view.state().label(),
                        view.command(),
                        view.octetsIn(),
                        view.octetsOut()))
                .toList();
    }

    private List<MailboxUsage> mailboxes() throws StartupException {
        CompletionStage<List<MailboxUsage>> all = CompletableFuture.completedFuture(new ArrayList<>());
        for (Account account :
                accounts.local().accounts().stream().limit(MAX_MAILBOXES).toList()) {
            String name = account.mailbox().toString();
            CompletionStage<MailboxUsage> one = store.mailboxes()
                    .usage(account.mailbox())
                    .handle((usage, failure) -> usage == null
                            ? new MailboxUsage(name, 0, 0)
                            : new MailboxUsage(name, usage.messages(), usage.octets()));
            all = all.thenCombine(one, (list, next) -> {
                list.add(next);
                return list;
            });
        }
        return Lookups.await(all);
    }

    private TrafficHistory traffic() {
        return new TrafficHistory(
                counts(traffic, 60, 60),
                counts(traffic, Traffic.MINUTES, 48),
                times(traffic.delays(60)),
                times(traffic.delays(Traffic.MINUTES)));
    }

    private static TrafficHistory.DeliveryTimes times(Traffic.Percentiles found) {
        return new TrafficHistory.DeliveryTimes(found.deliveries(), found.half(), found.most(), found.nearlyAll());
    }

    private static List<TrafficHistory.Counts> counts(Traffic counted, int minutes, int parts) {
        return counted.last(minutes, parts).stream()
                .map(minute -> new TrafficHistory.Counts(
                        minute.accepted(), minute.delivered(), minute.deferred(), minute.refused()))
                .toList();
    }

    private List<MessageStory> trace(TraceQuery request, Operator by) throws ApiException, IOException {
        String text = request.text() == null ? "" : request.text().strip();
        if (text.isEmpty()) {
            throw ApiException.malformed("text: missing (expected: a queue id, an address, or a part of a line)");
        }
        Integer limit = request.limit();
        int most = limit == null || limit <= 0 ? DEFAULT_STORIES : Math.min(limit, MAX_STORIES);
        TraceScope scope = by.isRestricted() ? TraceScope.of(by::sees) : TraceScope.ALL;
        return MessageTrace.find(config.get().dataDir().toAbsolutePath().resolve("history"), text, most, scope)
                .entrySet()
                .stream()
                .map(story -> new MessageStory(story.getKey(), story.getValue()))
                .toList();
    }

    private List<String> log() throws ApiException {
        if (tail.isEmpty()) {
            throw new ApiException(
                    ApiException.Kind.UNAVAILABLE,
                    "the log is kept in memory only while the console is on (http.admin-password or http.administrators)");
        }
        return tail.get().lines();
    }
}
