package org.mailserv.app.accounts;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Predicate;
import org.mailserv.app.api.DnsRecordInfo;
import org.mailserv.app.api.DnsRecordInfo.State;
import org.mailserv.app.config.ClientService;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.server.check.dkim.DkimKey;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.dns.DnsAnswer;
import org.mailserv.server.text.Failures;
import org.mailserv.server.tls.TlsMode;

/** The DNS records of one local domain: what to publish, and whether it is published. */
final class DomainRecords {
    private static final int PATIENCE_SECONDS = 30;

    private final MailservConfig config;
    private final String domain;
    private final List<DkimKey> keys;

    DomainRecords(MailservConfig config, String domain, List<DkimKey> keys) {
        this.config = config;
        this.domain = domain;
        this.keys = keys;
    }

    /** A record with the way to check it. */
    private record Wanted(DnsRecordInfo info, Function<Dns, CompletionStage<Result>> check) {}

    /** The result of a check. */
    private record Result(State state, String found) {}

    /** Returns the records without looking them up. */
    List<DnsRecordInfo> unchecked() throws IOException {
        return wanted().stream().map(Wanted::info).toList();
    }

    /** Returns the records with the results of looking them up. Blocks. */
    List<DnsRecordInfo> checked(Dns dns) throws IOException {
        List<Wanted> wanted = wanted();
        // All are asked for before the first is waited for.
        List<CompletionStage<Result>> results =
                wanted.stream().map(each -> each.check().apply(dns)).toList();
        List<DnsRecordInfo> records = new ArrayList<>();
        for (int i = 0; i < wanted.size(); i++) {
            Result result = await(results.get(i));
            DnsRecordInfo info = wanted.get(i).info();
            records.add(new DnsRecordInfo(
                    info.name(),
                    info.type(),
                    info.value(),
                    info.purpose(),
                    info.required(),
                    result.state(),
                    result.found()));
        }
        return records;
    }

    private static Result await(CompletionStage<Result> stage) {
        try {
            return stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Result(State.UNKNOWN, "interrupted");
        } catch (ExecutionException | TimeoutException e) {
            return new Result(State.UNKNOWN, Failures.text(e));
        }
    }

    private List<Wanted> wanted() throws IOException {
        List<Wanted> all = new ArrayList<>();
        all.add(new Wanted(
                info(domain, "MX", "10 " + config.hostname() + ".", "lets other servers find this one", true),
                dns -> dns.mx(domain)
                        .thenApply(answer -> result(
                                answer,
                                Dns.MxRecord::toString,
                                mx -> mx.exchange().equalsIgnoreCase(config.hostname())))));
        all.add(text(
                domain,
                "v=spf1 mx -all",
                "tells receivers which servers may send for the domain (SPF)",
                "v=spf1",
                DomainRecords::isUsableSpf));
        for (DkimKey key : keys) {
            all.add(dkim(key));
        }
        all.add(text(
                "_dmarc." + domain,
                "v=DMARC1; p=quarantine; rua=mailto:postmaster@" + domain,
                "tells receivers what to do with forged mail (DMARC)",
                "v=DMARC1",
                record -> true));
        for (ClientService service : ClientService.of(config)) {
            if (service.tls() != TlsMode.NONE) {
                all.add(service(service));
            }
        }
        return all;
    }

    private static DnsRecordInfo info(String name, String type, String value, String purpose, boolean required) {
        return new DnsRecordInfo(name, type, value, purpose, required, null, null);
    }

    private static Wanted text(String name, String value, String purpose, String version, Predicate<String> good) {
        Predicate<String> ours = record -> record.regionMatches(true, 0, version, 0, version.length());
        return new Wanted(
                info(name, "TXT", value, purpose, true),
                dns -> dns.txt(name).thenApply(answer -> {
                    List<String> records = answer instanceof DnsAnswer.Found<String> found
                            ? found.records().stream().filter(ours).toList()
                            : List.of();
                    if (answer instanceof DnsAnswer.TemporaryFailure<String> failure) {
                        return new Result(State.UNKNOWN, failure.reason());
                    } else if (records.isEmpty()) {
                        return new Result(State.MISSING, "no " + version + " record");
                    } else if (records.size() > 1) {
                        return new Result(State.DIFFERENT, "several " + version + " records, which is an error");
                    }
                    return new Result(good.test(records.get(0)) ? State.PUBLISHED : State.DIFFERENT, records.get(0));
                }));
    }

    private static boolean isUsableSpf(String record) {
        String lower = record.toLowerCase(Locale.ROOT);
        return lower.matches(".*\\b(mx|a|ip4|ip6|include|redirect|exists)\\b.*")
                && !lower.contains("+all")
                && !lower.endsWith(" all");
    }

    private static Wanted dkim(DkimKey key) throws IOException {
        String value;
        try {
            value = key.dnsRecord();
        } catch (GeneralSecurityException e) {
            throw new IOException(key.recordName() + ": " + Failures.text(e), e);
        }
        return new Wanted(
                info(
                        key.recordName(),
                        "TXT",
                        value,
                        "lets receivers verify signatures (DKIM, " + key.algorithm() + ")"
                                + (key.waiting() ? "; the key signs once the record is published" : ""),
                        true),
                dns -> dns.txt(key.recordName())
                        .thenApply(answer -> result(answer, text -> text, text -> {
                            try {
                                return key.isPublishedIn(List.of(text));
                            } catch (GeneralSecurityException e) {
                                return false;
                            }
                        })));
    }

    private Wanted service(ClientService service) {
        String name = service.srvLabels() + "." + domain;
        return new Wanted(
                info(
                        name,
                        "SRV",
                        "0 1 " + service.port() + " " + service.host() + ".",
                        "lets mail programs find the service by themselves",
                        false),
                dns -> dns.srv(name)
                        .thenApply(answer -> result(
                                answer, record -> record.port() + " " + record.target(), service::isAnnouncedBy)));
    }

    private static <T> Result result(DnsAnswer<T> answer, Function<T, String> words, Predicate<T> good) {
        if (answer instanceof DnsAnswer.Found<T> found) {
            String text = String.join(", ", found.records().stream().map(words).toList());
            return new Result(found.records().stream().anyMatch(good) ? State.PUBLISHED : State.DIFFERENT, text);
        } else if (answer instanceof DnsAnswer.TemporaryFailure<T> failure) {
            return new Result(State.UNKNOWN, failure.reason());
        }
        return new Result(State.MISSING, "no such record");
    }
}
