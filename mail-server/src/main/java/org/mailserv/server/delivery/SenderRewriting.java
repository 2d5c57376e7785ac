package org.mailserv.server.delivery;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.PathParser;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.server.account.AccountStore;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.Recipient;

/**
 * The Sender Rewriting Scheme (SRS). Mail that an alias forwards to another domain gets a reverse-path in a local domain. It passes SPF at
 * the next host, and a bounce returns through this server. {@code SRS0=hash=day=domain=local} for a sender's own address, {@code
 * SRS1=hash=host==rest} for one that another forwarder has rewritten. The hash is keyed, so that no other sender can use this server as a relay.
 * Any thread; only {@link #secretIn} blocks.
 */
public final class SenderRewriting {
    private static final String DIGITS = "abcdefghijklmnopqrstuvwxyz234567";
    private static final int HASH_LENGTH = 5;
    private static final int DAYS = 1024;
    private static final int MAX_LOCAL_PART = 255;

    private final byte[] secret;
    private final AccountStore accounts;
    private final Duration maxAge;
    private final InstantSource clock;

    /**
     * @param secret the key of the hashes; an address made with another key is refused
     * @param maxAge time for which a rewritten address accepts bounces, from 1 to 1023 days
     */
    public SenderRewriting(byte[] secret, AccountStore accounts, Duration maxAge, InstantSource clock) {
        if (maxAge.toDays() < 1 || maxAge.toDays() >= DAYS) {
            throw new IllegalArgumentException("max-age: " + maxAge.toDays() + " days (expected: 1 to 1023)");
        }
        this.secret = secret.clone();
        this.accounts = accounts;
        this.maxAge = maxAge;
        this.clock = clock;
    }

    /** Returns the secret from a file, which is created if it does not exist. Blocks. */
    public static byte[] secretIn(Path file, Disk disk) throws IOException {
        if (disk.exists(file)) {
            try {
                return Base64.getDecoder()
                        .decode(Files.readString(file, StandardCharsets.US_ASCII)
                                .strip());
            } catch (IllegalArgumentException e) {
                throw new IOException(file + ": no secret (expected: Base64; remove it to have a new one)", e);
            }
        }
        byte[] made = new byte[32];
        new SecureRandom().nextBytes(made);
        disk.replace(file, (Base64.getEncoder().encodeToString(made) + "\n").getBytes(StandardCharsets.US_ASCII));
        return made;
    }

    /** Returns the reverse-path for one recipient of a message: rewritten if a local alias forwards the message, else the sender's own. */
    public ReversePath reversePath(Envelope envelope, Recipient recipient) {
        Address sender = envelope.sender().address();
        Address forwarded = recipient.original();
        if (sender == null
                || forwarded == null
                || recipient.isLocal()
                || accounts.isLocalDomain(recipient.address().domain())
                || sender.domain().isEmpty()
                || accounts.isLocalDomain(sender.domain())) {
            return envelope.sender();
        }
        String domain = accounts.isLocalDomain(forwarded.domain()) ? forwarded.domain() : accounts.primaryDomain();
        String local = rewritten(sender);
        // Many servers accept more than the 64 octets of RFC 5321, but few accept more than this.
        return local.getBytes(StandardCharsets.UTF_8).length > MAX_LOCAL_PART
                ? envelope.sender()
                : new ReversePath(new Address(local, domain));
    }

    private String rewritten(Address sender) {
        String local = sender.localPart();
        if (isTagged(local, "SRS0")) {
            String rest = sender.domain() + "=" + local.substring(4);
            return "SRS1=" + hash(rest) + "=" + rest;
        } else if (isTagged(local, "SRS1")) {
            // The address keeps the first forwarder. A bounce skips those in between.
            int second = local.indexOf('=', 5);
            if (second > 0) {
                String rest = local.substring(second + 1);
                return "SRS1=" + hash(rest) + "=" + rest;
            }
        }
        String rest = day() + "=" + sender.domain() + "=" + local;
        return "SRS0=" + hash(rest) + "=" + rest;
    }

    /** Returns whether an address looks rewritten. Use {@link #original} to find out whether this server made it. */
    public static boolean isRewritten(Address address) {
        return isTagged(address.localPart(), "SRS0") || isTagged(address.localPart(), "SRS1");
    }

    /** Returns the original of a rewritten address; null if this server did not make it or it is too old. */
    public @Nullable Address original(Address address) {
        String local = address.localPart();
        int end = local.indexOf('=', 5);
        if (end < 0 || !isRewritten(address)) {
            return null;
        }
        String hash = local.substring(5, end);
        String rest = local.substring(end + 1);
        if (!MessageDigest.isEqual(
                hash(rest).getBytes(StandardCharsets.UTF_8),
                hash.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8))) {
            return null;
        }
        if (isTagged(local, "SRS1")) {
            int host = rest.indexOf('=');
            return host < 1
                    ? null
                    : PathParser.parseAddress("SRS0" + rest.substring(host + 1) + "@" + rest.substring(0, host));
        }
        String[] parts = rest.split("=", 3);
        if (parts.length < 3 || parts[2].isEmpty() || !isRecent(parts[0])) {
            return null;
        }
        Address parsed = PathParser.parseAddress("x@" + parts[1]);
        return parsed == null ? null : new Address(parts[2], parsed.domain());
    }

    private static boolean isTagged(String local, String tag) {
        return local.length() > 5
                && local.regionMatches(true, 0, tag, 0, 4)
                && (local.charAt(4) == '=' || local.charAt(4) == '-' || local.charAt(4) == '+');
    }

    private String day() {
        int day = today();
        return "" + DIGITS.charAt(day >> 5) + DIGITS.charAt(day & 31);
    }

    private int today() {
        return (int) (clock.instant().getEpochSecond() / 86_400 % DAYS);
    }

    private boolean isRecent(String text) {
        String day = text.toLowerCase(Locale.ROOT);
        if (day.length() != 2 || DIGITS.indexOf(day.charAt(0)) < 0 || DIGITS.indexOf(day.charAt(1)) < 0) {
            return false;
        }
        int then = DIGITS.indexOf(day.charAt(0)) << 5 | DIGITS.indexOf(day.charAt(1));
        int age = Math.floorMod(today() - then, DAYS);
        // An address from tomorrow means that the clock was set back.
        return age <= maxAge.toDays() || age == DAYS - 1;
    }

    /** Returns the hash in lower case, because other servers may change the case of letters. */
    private String hash(String rest) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            byte[] full = mac.doFinal(rest.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8));
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < HASH_LENGTH; i++) {
                text.append(DIGITS.charAt(full[i] & 31));
            }
            return text.toString();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HmacSHA256", e);
        }
    }
}
