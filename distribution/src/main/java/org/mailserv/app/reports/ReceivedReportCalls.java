package org.mailserv.app.reports;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.CallRegistry;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.Operator;
import org.mailserv.app.api.ReceivedReportInfo;
import org.mailserv.app.api.ReceivedReportsQuery;
import org.mailserv.app.config.DataFolder;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.StoreSettings;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.codec.address.PathParser;
import org.mailserv.server.account.AccountStore;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.account.Resolution;
import org.mailserv.server.disk.RealDisk;

/** The call that lists the reports of others. Only reports about local domains count: anybody can send one about anything. */
public final class ReceivedReportCalls {
    private static final int DAYS = 30;
    private static final int MAX_DAYS = 400;
    private static final int MAX_REPORTS = 2_000;
    private static final int PATIENCE_SECONDS = 10;

    private final Supplier<MailservConfig> config;
    private final AccountStore accounts;
    private final ReceivedReports reports = new ReceivedReports();
    private final ReentrantLock reading = new ReentrantLock();

    /** @param config the configuration in effect */
    public ReceivedReportCalls(Supplier<MailservConfig> config, AccountStore accounts) {
        this.config = config;
        this.accounts = accounts;
    }

    public void register(CallRegistry api) {
        api.on(Calls.RECEIVED_REPORTS, this::list);
    }

    private List<ReceivedReportInfo> list(ReceivedReportsQuery query, Operator by) throws ApiException, IOException {
        if (config.get().store().kind() != StoreSettings.Kind.FILES) {
            throw new ApiException(
                    ApiException.Kind.UNAVAILABLE, "received reports are read from mailboxes in files only");
        }
        Integer days = query.days();
        if (days != null && (days < 1 || days > MAX_DAYS)) {
            throw ApiException.malformed("days: out of range (expected: 1 to " + MAX_DAYS + ")");
        }
        Instant now = Instant.now();
        Instant earliest = now.minus(Duration.ofDays(days == null ? DAYS : days));
        Set<String> shown = domains(query, by);
        return read(mailboxes(query, by), earliest).stream()
                .filter(report -> shown.contains(report.domain()))
                .filter(report ->
                        report.end().isAfter(earliest) && report.begin().isBefore(now.plus(Duration.ofDays(1))))
                .sorted(Comparator.comparing(ReceivedReportInfo::begin).reversed())
                .limit(MAX_REPORTS)
                .toList();
    }

    /** Returns the local domains that the operator sees and asks for. */
    private Set<String> domains(ReceivedReportsQuery query, Operator by) {
        String wanted = query.domain();
        return config.get().domains().keySet().stream()
                .map(DomainNames::canonical)
                .filter(by::sees)
                .filter(domain -> wanted == null || domain.equals(DomainNames.canonical(wanted.strip())))
                .collect(Collectors.toSet());
    }

    private Set<MailboxName> mailboxes(ReceivedReportsQuery query, Operator by) throws ApiException {
        String named = query.address();
        Set<MailboxName> all = new LinkedHashSet<>();
        if (named != null) {
            Address address = PathParser.parseAddress(named.strip());
            if (address != null) {
                all.addAll(mailboxes(address));
            }
            if (all.isEmpty()) {
                throw ApiException.notFound(named + " has no mailbox here");
            }
            return all;
        }
        all.addAll(mailboxes(new Address("postmaster", "")));
        for (String domain : config.get().domains().keySet()) {
            all.addAll(mailboxes(new Address("postmaster", domain)));
        }
        return all;
    }

    private List<MailboxName> mailboxes(Address address) {
        return accounts.resolve(address).toCompletableFuture().join() instanceof Resolution.Found found
                ? found.mailboxes()
                : List.of();
    }

    private List<ReceivedReportInfo> read(Set<MailboxName> mailboxes, Instant earliest)
            throws ApiException, IOException {
        DataFolder folder = new DataFolder(config.get(), new RealDisk());
        try {
            if (!reading.tryLock(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new ApiException(
                        ApiException.Kind.UNAVAILABLE, "reports are being read for somebody else; try again");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        try {
            List<ReceivedReportInfo> all = new ArrayList<>();
            for (MailboxName mailbox : mailboxes) {
                all.addAll(reports.since(folder.layout().folder(mailbox), earliest));
            }
            return all;
        } finally {
            reading.unlock();
        }
    }
}
