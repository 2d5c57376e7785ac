package org.mailserv.server.check.reputation;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.store.GreylistMemory;

/**
 * Greylisting (RFC 6647): defers the first attempt of an unknown client, sender and recipient. A client that retries within the window
 * makes its /24 or /64 known. Any thread may call it; only the constructor and {@link #save} block. Memory is bounded.
 * Other nodes are asked ({@link GreylistMemory}) about a client that this one does not know.
 */
public final class Greylist {
    // Seconds after which other nodes learn again that a network is good.
    private static final long REMEMBER_AGAIN = 86_400;

    private final GreylistConfig config;
    private final Path file;
    private final Disk disk;
    private final InstantSource clock;
    private final GreylistMemory others;
    private final Cache<String, Long> pending;
    private final Cache<String, Long> good;
    private volatile boolean changed;

    /**
     * Reads the state of an earlier run. Blocks.
     *
     * @param others the knowledge of other nodes
     */
    public Greylist(GreylistConfig config, Path file, Disk disk, InstantSource clock, GreylistMemory others)
            throws IOException {
        this.config = config;
        this.file = file;
        this.disk = disk;
        this.clock = clock;
        this.others = others;
        this.pending = bounded(config.maxEntries());
        this.good = bounded(config.maxEntries());
        if (disk.exists(file)) {
            for (String line : Files.readAllLines(file, StandardCharsets.US_ASCII)) {
                read(line);
            }
        }
    }

    private static Cache<String, Long> bounded(int entries) {
        return Caffeine.newBuilder()
                .maximumSize(entries)
                .executor(Runnable::run)
                .build();
    }

    /** Reads one line. A malformed line is skipped: losing an entry only means another deferral. */
    private void read(String line) {
        String[] parts = line.split(" ", 3);
        if (parts.length == 3 && parts[2].matches("\\d{1,18}")) {
            (parts[0].equals("good") ? good : pending).put(parts[1], Long.parseLong(parts[2]));
        }
    }

    /**
     * Returns whether a recipient is accepted now. Otherwise the client gets 451 and is expected to retry.
     *
     * @return complete already, unless other nodes have to be asked; does not fail
     */
    public CompletionStage<Boolean> admits(InetAddress client, String sender, String recipient) {
        changed = true;
        long now = clock.instant().getEpochSecond();
        String network = network(client);
        if (isGood(network, now, good.getIfPresent(network))) {
            return CompletableFuture.completedFuture(true);
        }
        String key = hash(network + "\n" + sender + "\n" + recipient);
        Long first = pending.getIfPresent(key);
        if (first != null && isWithin(now, first, config.window())) {
            return CompletableFuture.completedFuture(comesAgain(network, key, first, now));
        }
        return others.find(GreylistMemory.Kind.GOOD, network)
                .thenCompose(last -> isGood(network, now, last)
                        ? CompletableFuture.completedFuture(true)
                        : others.find(GreylistMemory.Kind.PENDING, key)
                                .thenApply(elsewhere -> comes(network, key, elsewhere, now)));
    }

    /** Returns whether a network is known as good; if so, it is for longer. */
    private boolean isGood(String network, long now, @Nullable Long last) {
        if (last == null || !isWithin(now, last, config.keep())) {
            return false;
        }
        good.put(network, now);
        if (now - last > REMEMBER_AGAIN) {
            others.put(GreylistMemory.Kind.GOOD, network, now, config.keep());
        }
        return true;
    }

    /** Takes an attempt that this node has not seen before. */
    private boolean comes(String network, String key, @Nullable Long elsewhere, long now) {
        if (elsewhere != null && isWithin(now, elsewhere, config.window())) {
            pending.put(key, elsewhere);
            return comesAgain(network, key, elsewhere, now);
        }
        pending.put(key, now);
        others.put(GreylistMemory.Kind.PENDING, key, now, config.window());
        return false;
    }

    private boolean comesAgain(String network, String key, long first, long now) {
        if (isWithin(now, first, config.delay())) {
            return false;
        }
        pending.invalidate(key);
        good.put(network, now);
        others.put(GreylistMemory.Kind.GOOD, network, now, config.keep());
        return true;
    }

    private static boolean isWithin(long now, long then, Duration time) {
        return now - then < time.toSeconds();
    }

    /** Writes the changes since the last call, atomically. Blocks. */
    public synchronized void save() throws IOException {
        if (!changed) {
            return;
        }
        changed = false;
        StringBuilder text = new StringBuilder();
        good.asMap().forEach((key, time) -> line(text, "good", key, time));
        pending.asMap().forEach((key, time) -> line(text, "pending", key, time));
        disk.replace(file, text.toString().getBytes(StandardCharsets.US_ASCII));
    }

    private static void line(StringBuilder text, String kind, String key, long time) {
        text.append(kind).append(' ').append(key).append(' ').append(time).append('\n');
    }

    private static String network(InetAddress client) {
        byte[] octets = client.getAddress();
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(Arrays.copyOf(octets, octets.length == 4 ? 3 : 8));
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(text.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(digest, 12));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
