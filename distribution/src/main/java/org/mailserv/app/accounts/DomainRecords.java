package org.mailserv.app.accounts;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
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
import java.util.zip.CRC32;
import org.mailserv.app.api.DnsRecordInfo;
import org.mailserv.app.api.DnsRecordInfo.State;
import org.mailserv.app.config.ClientService;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.server.check.dkim.DkimKey;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.dns.DnsAnswer;
import org.mailserv.server.text.Addresses;
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
            Result result = result(results.get(i));
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

    private static Result result(CompletionStage<Result> stage) {
        try {
            return await(stage);
        } catch (IOException e) {
            return new Result(State.UNKNOWN, Failures.text(e));
        }
    }

    /** Waits for an answer, for a limited time. */
    static <T> T await(CompletionStage<T> stage) throws IOException {
        try {
            return stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (TimeoutException e) {
            throw new IOException("no answer within " + PATIENCE_SECONDS + " seconds", e);
        } catch (ExecutionException e) {
            throw new IOException(Failures.text(e), e);
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
        addOptional(all);
        return all;
    }

    private void addOptional(List<Wanted> all) {
        all.add(text(
                info(
                        "_smtp._tls." + domain,
                        "TXT",
                        "v=TLSRPTv1; rua=mailto:postmaster@" + domain,
                        "asks other servers to report failures of TLS (TLSRPT)",
                        false),
                "v=TLSRPTv1",
                record -> record.contains("rua=")));
        if (config.http().enabled()) {
            all.add(text(
                    info(
                            "_mta-sts." + domain,
                            "TXT",
                            "v=STSv1; id=" + policyId(),
                            "announces the policy that requires TLS of other servers (MTA-STS)",
                            false),
                    "v=STSv1",
                    record -> record.contains("id=")));
            all.add(host("mta-sts", "serves the policy of MTA-STS by HTTPS"));
            all.add(host("autoconfig", "lets Thunderbird and others find the settings of an account"));
            all.add(host("autodiscover", "lets Outlook find the settings of an account"));
        }
        for (ClientService service : ClientService.of(config)) {
            if (service.tls() != TlsMode.NONE) {
                all.add(service(service));
            }
        }
    }

    /** Returns an id that changes with the policy, whose only variable part is the name of the server. RFC 8461, 3.1. */
    private String policyId() {
        CRC32 sum = new CRC32();
        sum.update(config.hostname().getBytes(StandardCharsets.UTF_8));
        return String.format(Locale.ROOT, "%08x", sum.getValue());
    }

    /** A name of the domain for this server, or for a web server in front of it. */
    private Wanted host(String label, String purpose) {
        String name = label + "." + domain;
        return new Wanted(
                info(name, "CNAME", config.hostname() + ".", purpose, false),
                dns -> dns.addresses(name).thenCombine(dns.addresses(config.hostname()), DomainRecords::samePlace));
    }

    private static Result samePlace(DnsAnswer<InetAddress> named, DnsAnswer<InetAddress> own) {
        Result result = result(
                named,
                Addresses::text,
                address -> own instanceof DnsAnswer.Found<InetAddress> ours
                        && ours.records().contains(address));
        return result.state() == State.DIFFERENT
                ? new Result(State.DIFFERENT, result.found() + ", which is not this server: right for a proxy only")
                : result;
    }

    private static DnsRecordInfo info(String name, String type, String value, String purpose, boolean required) {
        return new DnsRecordInfo(name, type, value, purpose, required, null, null);
    }

    private static Wanted text(String name, String value, String purpose, String version, Predicate<String> good) {
        return text(info(name, "TXT", value, purpose, true), version, good);
    }

    private static Wanted text(DnsRecordInfo info, String version, Predicate<String> good) {
        Predicate<String> ours = record -> record.regionMatches(true, 0, version, 0, version.length());
        return new Wanted(
                info,
                dns -> dns.txt(info.name()).thenApply(answer -> {
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
