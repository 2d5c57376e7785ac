package org.mailserv.relay.trust;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.dns.DnsAnswer;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cache of other domains' MTA-STS policies. A policy is fetched when the DNS announces a new one, and kept until it expires, in bounded
 * memory and in a folder, so that an attacker who blocks DNS answers cannot make the server forget it. Thread-safe. RFC 8461, 3 and 5.
 */
public final class StsPolicies {
    private static final Logger LOG = LoggerFactory.getLogger(StsPolicies.class);
    private static final Pattern RECORD =
            Pattern.compile("v=STSv1\\s*;(?:.*;)?\\s*id\\s*=\\s*([A-Za-z0-9]{1,32})\\s*(?:;.*)?");
    private static final Duration AFTER_FAILURE = Duration.ofMinutes(5);
    private static final int MAX_FILE = 128 << 10;

    private final Dns dns;
    private final StsFetcher fetcher;
    private final Disk disk;
    private final Path folder;
    private final Executor executor;
    private final InstantSource clock;
    private final Cache<String, Kept> kept;
    private final Cache<String, Instant> failed;
    private final Cache<String, CompletableFuture<@Nullable StsPolicy>> running =
            Caffeine.newBuilder().maximumSize(10_000).build();

    /** A cached policy. An empty id records that the folder contains none. */
    private record Kept(
            String id, Instant fetched, @Nullable StsPolicy policy) {
        boolean holdsAt(Instant time) {
            return policy != null && fetched.plus(policy.maxAge()).isAfter(time);
        }
    }

    /**
     * @param folder the folder for cached policies
     * @param executor runs blocking disk operations
     * @param most the maximum number of policies in memory
     */
    public StsPolicies(
            Dns dns, StsFetcher fetcher, Disk disk, Path folder, Executor executor, InstantSource clock, int most) {
        this.dns = dns;
        this.fetcher = fetcher;
        this.disk = disk;
        this.folder = folder;
        this.executor = executor;
        this.clock = clock;
        this.kept = Caffeine.newBuilder().maximumSize(most).build();
        this.failed = Caffeine.newBuilder().maximumSize(most).build();
    }

    /** Returns the valid policy of a domain, or null. The stage never completes exceptionally. */
    public CompletionStage<@Nullable StsPolicy> find(String domain) {
        String name = domain.toLowerCase(Locale.ROOT);
        if (!name.matches("[a-z0-9._-]{1,253}") || name.contains("..") || name.startsWith(".")) {
            return CompletableFuture.<@Nullable StsPolicy>completedFuture(null);
        }
        CompletableFuture<@Nullable StsPolicy> mine = new CompletableFuture<>();
        CompletableFuture<@Nullable StsPolicy> asked = running.get(name, key -> mine);
        if (asked == mine) {
            look(name).whenComplete((policy, failure) -> {
                running.invalidate(name);
                mine.complete(failure == null ? policy : null);
            });
        }
        return asked;
    }

    private CompletionStage<@Nullable StsPolicy> look(String domain) {
        return dns.txt("_mta-sts." + domain)
                .thenCompose(answer -> CompletableFuture.supplyAsync(() -> known(domain), executor)
                        .thenCompose(known -> {
                            String id = idOf(answer);
                            Instant now = clock.instant();
                            boolean fresh = known.holdsAt(now);
                            if (id == null || fresh && id.equals(known.id()) || hasJustFailed(domain, now)) {
                                return CompletableFuture.<@Nullable StsPolicy>completedFuture(
                                        fresh ? known.policy() : null);
                            }
                            return fetch(domain, id, fresh ? known.policy() : null);
                        }));
    }

    private boolean hasJustFailed(String domain, Instant now) {
        Instant at = failed.getIfPresent(domain);
        return at != null && at.plus(AFTER_FAILURE).isAfter(now);
    }

    /** Returns the policy id of the TXT answer, or null if there is no record or more than one. RFC 8461, 3.1. */
    static @Nullable String idOf(DnsAnswer<String> answer) {
        List<String> records = answer instanceof DnsAnswer.Found<String> found
                ? found.records().stream()
                        .filter(text -> text.startsWith("v=STSv1"))
                        .toList()
                : List.of();
        Matcher matcher = RECORD.matcher(records.size() == 1 ? records.get(0) : "");
        return matcher.matches() ? matcher.group(1) : null;
    }

    private CompletionStage<@Nullable StsPolicy> fetch(String domain, String id, @Nullable StsPolicy before) {
        return fetcher.fetch(domain)
                .<@Nullable StsPolicy>thenApplyAsync(
                        text -> {
                            StsPolicy policy = StsPolicy.parse(text);
                            Kept fetched = new Kept(id, clock.instant(), policy);
                            kept.put(domain, fetched);
                            store(domain, fetched, text);
                            LOG.info(
                                    "event=mta-sts-policy domain={} mode={} mx={}", domain, policy.mode(), policy.mx());
                            return policy;
                        },
                        executor)
                .exceptionally(failure -> {
                    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
                    LOG.warn("event=mta-sts-failed domain={} reason=\"{}\"", domain, Failures.text(cause));
                    failed.put(domain, clock.instant());
                    return before;
                });
    }

    private Path file(String domain) {
        return folder.resolve(domain);
    }

    private void store(String domain, Kept policy, String text) {
        try {
            disk.createDirectories(folder);
            String head = policy.id() + " " + policy.fetched().getEpochSecond() + "\n";
            disk.replace(file(domain), (head + text).getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            LOG.warn("event=mta-sts-not-kept domain={} reason=\"{}\"", domain, Failures.text(e));
        }
    }

    /** Returns the cached policy from memory, else from the folder. Blocks. */
    private Kept known(String domain) {
        Kept known = kept.getIfPresent(domain);
        if (known == null) {
            known = read(domain);
            kept.put(domain, known);
        }
        return known;
    }

    private Kept read(String domain) {
        Kept none = new Kept("", Instant.EPOCH, null);
        if (!disk.exists(file(domain))) {
            return none;
        }
        try (FileChannel channel = disk.openForRead(file(domain))) {
            ByteBuffer octets = ByteBuffer.allocate((int) Math.min(MAX_FILE, channel.size()));
            while (octets.hasRemaining() && channel.read(octets) >= 0) {
                continue;
            }
            String text = new String(octets.array(), 0, octets.position(), StandardCharsets.UTF_8);
            String[] head = text.split("\n", 2)[0].split(" ");
            Instant fetched = Instant.ofEpochSecond(Long.parseLong(head[1]));
            return new Kept(head[0], fetched, StsPolicy.parse(text.substring(text.indexOf('\n') + 1)));
        } catch (IOException | RuntimeException e) {
            LOG.warn("event=mta-sts-unreadable domain={} reason=\"{}\"", domain, Failures.text(e));
            return none;
        }
    }
}
