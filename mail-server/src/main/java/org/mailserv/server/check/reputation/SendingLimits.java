package org.mailserv.server.check.reputation;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.event.RestrictedAccount;
import org.mailserv.server.store.SharedCounts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rate limits for accounts, clients and senders. It also puts an account on hold that suddenly sends many times its usual volume, usually
 * because its password was stolen. Messages on hold are accepted, so that nothing of the owner's is lost, and the operator releases or
 * removes them. The usual volume is the best hour of the last weeks, fading by a tenth a day. Any thread may call it; only {@link #save}
 * blocks. Memory is bounded.
 */
public final class SendingLimits {
    private static final Logger LOG = LoggerFactory.getLogger(SendingLimits.class);
    private static final long HOUR = 3600;
    private static final long DAY = 86_400;
    private static final double FADING = 0.9;

    private final Config config;
    private final InstantSource clock;
    private final SharedCounts shared;
    private final MailEvents events;
    private final Cache<String, Account> accounts;
    private final Cache<String, Count> counts;
    private volatile BiConsumer<String, String> alarm = (account, reason) -> {};
    private volatile boolean changed;

    /**
     * The limits; 0 means no limit.
     *
     * @param accountRecipientsPerHour recipients per hour and account; above that the reply is 450
     * @param accountRecipientsPerDay recipients per day and account; above that the reply is 450
     * @param clientMessagesPerMinute messages per minute from a client (an IPv4 address or an IPv6 /64) without login; above that the reply
     *     is 450
     * @param senderMessagesPerMinute messages per minute from one sender without login; above that the reply is 450
     * @param brake whether an account is put on hold that sends many times its usual volume
     * @param brakeFactor multiple of the best hour that puts an account on hold
     * @param brakeFloor recipients per hour that never put an account on hold, whatever is usual for it
     * @param maxEntries maximum number of accounts, clients and senders that are remembered
     * @param vacationInterval minimum time between two vacation replies of an account to the same sender
     * @param vacationSenders maximum number of senders that are remembered for each account that sends vacation replies
     */
    public record Config(
            int accountRecipientsPerHour,
            int accountRecipientsPerDay,
            int clientMessagesPerMinute,
            int senderMessagesPerMinute,
            boolean brake,
            double brakeFactor,
            int brakeFloor,
            int maxEntries,
            Duration vacationInterval,
            int vacationSenders) {
        public Config {
            if (brakeFactor < 1 || brakeFloor < 1 || maxEntries < 1) {
                throw new IllegalArgumentException(
                        "brake-factor, brake-floor, max-entries: below 1 (expected: 1 or more)");
            } else if (vacationInterval.compareTo(Duration.ofDays(1)) < 0) {
                throw new IllegalArgumentException("vacation-interval: shorter than a day (expected: 1d or more)");
            }
        }

        /** Creates limits with the default for vacation replies. */
        public Config(
                int accountRecipientsPerHour,
                int accountRecipientsPerDay,
                int clientMessagesPerMinute,
                int senderMessagesPerMinute,
                boolean brake,
                double brakeFactor,
                int brakeFloor,
                int maxEntries) {
            this(
                    accountRecipientsPerHour,
                    accountRecipientsPerDay,
                    clientMessagesPerMinute,
                    senderMessagesPerMinute,
                    brake,
                    brakeFactor,
                    brakeFloor,
                    maxEntries,
                    Duration.ofDays(7),
                    1000);
        }
    }

    private static final class Count {
        long bucket;
        long count;

        synchronized long add(long now, long length, long number) {
            long current = now / length;
            if (current != bucket) {
                bucket = current;
                count = 0;
            }
            count += number;
            return count;
        }
    }

    private static final class Account {
        final Count hour = new Count();
        final Count day = new Count();
        double habit;
        long habitDay;
        long brakedUntil;
        private long lastHour;
        private long lastCount;

        /** Returns the best hour so far, not counting the current one. */
        synchronized double habit(long now) {
            long today = now / DAY;
            if (habitDay > 0 && today > habitDay) {
                habit *= Math.pow(FADING, today - habitDay);
            }
            habitDay = today;
            return habit;
        }

        synchronized void learn(long now, long thisHour) {
            habit = Math.max(habit(now), thisHour);
        }

        /** Returns the usual volume after adding the last hour, if that has ended. */
        synchronized double habitBefore(long now, long thisHour) {
            long hourNow = now / HOUR;
            if (hourNow != lastHour) {
                learn(now, lastCount);
                lastHour = hourNow;
            }
            lastCount = thisHour;
            return habit(now);
        }

        synchronized void unlearn() {
            lastCount = 0;
        }
    }

    private SendingLimits(Config config, InstantSource clock, SharedCounts shared, MailEvents events) {
        this.config = config;
        this.clock = clock;
        this.shared = shared;
        this.events = events;
        this.accounts = Caffeine.newBuilder().maximumSize(config.maxEntries()).build();
        this.counts = Caffeine.newBuilder()
                .maximumSize(config.maxEntries())
                .expireAfterAccess(Duration.ofMinutes(5))
                .build();
    }

    /**
     * Reads the saved history of the accounts. Blocks.
     *
     * @param shared the counts of other nodes, which are added to those here
     * @param events receives the restriction of an account
     */
    public static SendingLimits in(
            Path file, Config config, InstantSource clock, SharedCounts shared, MailEvents events) throws IOException {
        SendingLimits limits = new SendingLimits(config, clock, shared, events);
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
                limits.read(line.split(" "));
            }
        }
        return limits;
    }

    /** Returns an instance without limits. */
    public static SendingLimits none() {
        return new SendingLimits(
                new Config(0, 0, 0, 0, false, 10, 1000, 1000),
                InstantSource.system(),
                SharedCounts.NONE,
                MailEvents.NONE);
    }

    private void read(String[] fields) {
        try {
            if (fields.length == 4) {
                Account account = new Account();
                account.habit = Double.parseDouble(fields[1]);
                account.habitDay = Long.parseLong(fields[2]);
                account.brakedUntil = Long.parseLong(fields[3]);
                accounts.put(fields[0], account);
            }
        } catch (NumberFormatException e) {
            LOG.warn("event=sending-habit-unreadable line=\"{}\"", String.join(" ", fields));
        }
    }

    /** Registers the listener that is called once each time an account is put on hold, with the account and the reason. */
    public void onBrake(BiConsumer<String, String> told) {
        alarm = told;
    }

    /**
     * Checks the limits at MAIL.
     *
     * @param account the logged-in account, or null
     * @param sender the reverse-path, possibly empty
     * @return the refusal, or null to continue
     */
    public @Nullable SmtpReply atMail(@Nullable String account, InetAddress client, String sender) {
        if (account != null) {
            return null;
        }
        long now = clock.instant().getEpochSecond();
        if (exceeds(SharedCounts.Kind.CLIENT_MINUTE, "c" + network(client), now, config.clientMessagesPerMinute())) {
            return refused("client=" + client.getHostAddress(), "Too many messages from your address in a minute");
        } else if (!sender.isEmpty()
                && exceeds(
                        SharedCounts.Kind.SENDER_MINUTE,
                        "s" + sender.toLowerCase(Locale.ROOT),
                        now,
                        config.senderMessagesPerMinute())) {
            return refused("sender=<" + sender + ">", "Too many messages from this sender in a minute");
        }
        return null;
    }

    private boolean exceeds(SharedCounts.Kind kind, String key, long now, int bound) {
        return bound > 0
                && total(kind, key, now, counts.get(key, made -> new Count()).add(now, 60, 1)) > bound;
    }

    /** Returns the count of all nodes. */
    private long total(SharedCounts.Kind kind, String key, long now, long own) {
        return own + shared.others(kind, key, kind.periodOf(now), own);
    }

    private static SmtpReply refused(String who, String text) {
        LOG.info("event=rate-limited {}", who);
        return SmtpReply.of(450, "4.7.1", text + ", try again later");
    }

    /** Checks the limits at RCPT. Returns the refusal, or null if the account may send to one more recipient. */
    public @Nullable SmtpReply atRecipient(@Nullable String account) {
        if (account == null) {
            return null;
        }
        Account known = accounts.get(account, made -> new Account());
        long now = clock.instant().getEpochSecond();
        int perHour = config.accountRecipientsPerHour();
        int perDay = config.accountRecipientsPerDay();
        if (perHour > 0
                && total(SharedCounts.Kind.ACCOUNT_HOUR, account, now, known.hour.add(now, HOUR, 0)) >= perHour) {
            return refused("account=" + account, "This account has sent to " + perHour + " recipients in this hour");
        } else if (perDay > 0
                && total(SharedCounts.Kind.ACCOUNT_DAY, account, now, known.day.add(now, DAY, 0)) >= perDay) {
            return refused("account=" + account, "This account has sent to " + perDay + " recipients today");
        }
        return null;
    }

    /**
     * Counts an accepted message of an account.
     *
     * @return whether the message has to be put on hold
     */
    public boolean holds(@Nullable String account, int recipients) {
        if (account == null) {
            return false;
        }
        Account known = accounts.get(account, made -> new Account());
        long now = clock.instant().getEpochSecond();
        long here = known.hour.add(now, HOUR, recipients);
        known.day.add(now, DAY, recipients);
        if (!config.brake()) {
            return false;
        }
        changed = true;
        long thisHour = total(SharedCounts.Kind.ACCOUNT_HOUR, account, now, here);
        double habit = known.habitBefore(now, thisHour);
        if (known.brakedUntil > now) {
            return true;
        } else if (thisHour > Math.max(config.brakeFloor(), habit * config.brakeFactor())) {
            // Messages sent while the account is on hold do not raise its usual volume.
            known.brakedUntil = now + HOUR;
            known.unlearn();
            String reason = thisHour + " recipients in this hour, at most " + Math.round(habit) + " in any before";
            events.restricted(new RestrictedAccount(account, reason));
            alarm.accept(account, reason);
            return true;
        }
        return false;
    }

    /** Releases an account. Returns false if it was not on hold. */
    public boolean release(String account) {
        Account known = accounts.getIfPresent(account);
        long now = clock.instant().getEpochSecond();
        if (known == null || known.brakedUntil <= now) {
            return false;
        }
        known.brakedUntil = 0;
        // The operator has approved this volume, so it counts as usual from now on.
        known.learn(now, known.hour.add(now, HOUR, 0));
        changed = true;
        LOG.info("event=account-released account={}", account);
        return true;
    }

    /** Returns the accounts that are on hold. */
    public List<String> braked() {
        long now = clock.instant().getEpochSecond();
        return accounts.asMap().entrySet().stream()
                .filter(entry -> entry.getValue().brakedUntil > now)
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    /** Writes the changes since the last call, atomically. Blocks. */
    public synchronized void save(Path file, Disk disk) throws IOException {
        if (!changed) {
            return;
        }
        changed = false;
        StringBuilder text = new StringBuilder();
        accounts.asMap()
                .forEach((name, known) -> text.append(name)
                        .append(' ')
                        .append(known.habit)
                        .append(' ')
                        .append(known.habitDay)
                        .append(' ')
                        .append(known.brakedUntil)
                        .append('\n'));
        disk.replace(file, text.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static String network(InetAddress client) {
        byte[] octets = client.getAddress();
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(octets.length == 4 ? octets : Arrays.copyOf(octets, 8));
    }
}
