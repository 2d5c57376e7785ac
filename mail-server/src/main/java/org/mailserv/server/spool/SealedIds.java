package org.mailserv.server.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.DiskFile;

/**
 * Creates queue ids that contain their order of arrival in encrypted form. To everybody without the key an id looks random. The order of a
 * mailbox is thus kept in the names of its files, and no copy, restore or restart loses it, as they lose the times of the files.
 *
 * <p>An id is 80 bits: 52 bits of the time in microseconds, strictly increasing, 8 random bits, and 20 bits that distinguish ids of this
 * key from all others. A balanced Feistel network over AES permutes them. Thread-safe.
 */
public final class SealedIds {
    /** Length of the key in octets. */
    public static final int KEY_LENGTH = 16;

    /** The answer for an id that this key did not seal. */
    public static final long UNKNOWN = -1;

    private static final int ROUNDS = 4;
    private static final long HALF = (1L << 40) - 1;
    private static final int CHECK_BITS = 20;
    private static final int SALT_BITS = 8;
    private static final int LOW_TIME_BITS = 40 - CHECK_BITS - SALT_BITS;
    private static final long MOST_MICROS = (1L << 40 + LOW_TIME_BITS) - 1;

    private final ThreadLocal<Rounds> rounds;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();
    private final AtomicLong last = new AtomicLong();

    /** @param key of {@link #KEY_LENGTH} octets; ids of another key are {@link #UNKNOWN} */
    public SealedIds(byte[] key, InstantSource clock) {
        if (key.length != KEY_LENGTH) {
            throw new IllegalArgumentException("key: " + key.length + " octets (expected: " + KEY_LENGTH + ")");
        }
        SecretKeySpec secret = new SecretKeySpec(key.clone(), "AES");
        this.rounds = ThreadLocal.withInitial(() -> new Rounds(secret));
        this.clock = clock;
    }

    /** Returns ids under a key that is not stored: their order is lost with the object. */
    public static SealedIds withoutKey() {
        byte[] key = new byte[KEY_LENGTH];
        new SecureRandom().nextBytes(key);
        return new SealedIds(key, InstantSource.system());
    }

    /**
     * Reads the key from a file, which is created if it is missing. Several processes may do so at the same time. Blocks.
     *
     * @throws IOException also if the file contains no key
     */
    public static byte[] keyIn(Path file, Disk disk) throws IOException {
        if (!disk.exists(file)) {
            makeKey(file, disk);
        }
        try {
            byte[] key = Base64.getDecoder()
                    .decode(Files.readString(file, StandardCharsets.ISO_8859_1).strip());
            if (key.length == KEY_LENGTH) {
                return key;
            }
        } catch (IllegalArgumentException e) {
            throw new IOException(noKey(file), e);
        }
        throw new IOException(noKey(file));
    }

    private static String noKey(Path file) {
        return file + ": no key (expected: " + KEY_LENGTH
                + " octets in Base64; restore it from a backup, or remove it: messages are then numbered by the times of their files)";
    }

    private static void makeKey(Path file, Disk disk) throws IOException {
        byte[] key = new byte[KEY_LENGTH];
        new SecureRandom().nextBytes(key);
        Path temporary = file.resolveSibling(file.getFileName() + "." + QueueId.random());
        try {
            try (DiskFile made = disk.create(temporary)) {
                String text = Base64.getEncoder().encodeToString(key) + "\n";
                made.append(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
                made.sync();
            }
            disk.link(temporary, file);
        } catch (FileAlreadyExistsException e) {
            // Another process was faster, so its key is valid.
            return;
        } catch (UnsupportedOperationException e) {
            disk.rename(temporary, file);
        } finally {
            disk.delete(temporary);
        }
        Path folder = file.getParent();
        if (folder != null) {
            disk.syncDirectory(folder);
        }
    }

    /** Makes new ids later than a time, even if the clock was set back since. */
    public void notBefore(Instant time) {
        long micros = micros(time);
        last.accumulateAndGet(micros, Math::max);
    }

    /** Returns an id that is later than all earlier ones of this object. */
    public QueueId next() {
        long now = micros(clock.instant());
        return at(last.updateAndGet(before -> Math.max(before + 1, now)));
    }

    /**
     * Returns an id with a given position in the order, for mail that arrived elsewhere.
     *
     * @param micros microseconds since 1970; earlier times become 1970
     */
    public QueueId at(long micros) {
        long time = Math.max(0, Math.min(micros, MOST_MICROS));
        long left = time >>> LOW_TIME_BITS;
        long salt = random.nextInt(1 << SALT_BITS);
        long right = (time & (1L << LOW_TIME_BITS) - 1) << SALT_BITS + CHECK_BITS | salt << CHECK_BITS;
        Rounds function = rounds.get();
        for (int i = 0; i < ROUNDS; i++) {
            long mixed = left ^ function.mix(i, right);
            left = right;
            right = mixed;
        }
        return new QueueId(left << 24 | right >>> 16, (short) right);
    }

    /** Returns the position of an id in the order of arrival, in microseconds since 1970, or {@link #UNKNOWN}. */
    public long microsOf(QueueId id) {
        long left = id.high() >>> 24;
        long right = (id.high() << 16 | id.low() & 0xFFFF) & HALF;
        Rounds function = rounds.get();
        for (int i = ROUNDS - 1; i >= 0; i--) {
            long mixed = right ^ function.mix(i, left);
            right = left;
            left = mixed;
        }
        if ((right & (1L << CHECK_BITS) - 1) != 0) {
            return UNKNOWN;
        }
        return left << LOW_TIME_BITS | right >>> SALT_BITS + CHECK_BITS;
    }

    /** Returns the same for a text, which need not be an id. */
    public long microsOf(String text) {
        QueueId id = QueueId.tryParse(text);
        return id == null ? UNKNOWN : microsOf(id);
    }

    /** Returns microseconds since 1970. */
    public static long micros(Instant time) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, time);
    }

    /** The round function with its own buffers, for one thread. */
    private static final class Rounds {
        private final Cipher cipher;
        private final ByteBuffer block = ByteBuffer.allocate(KEY_LENGTH);
        private final byte[] mixed = new byte[KEY_LENGTH];

        Rounds(SecretKeySpec key) {
            try {
                // Encrypts single blocks of different input: AES as a pseudo-random function, not as a mode.
                cipher = Cipher.getInstance("AES/ECB/NoPadding");
                cipher.init(Cipher.ENCRYPT_MODE, key);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every Java platform has AES", e);
            }
        }

        long mix(int round, long half) {
            block.putLong(0, half | (long) round << 56);
            try {
                cipher.update(block.array(), 0, KEY_LENGTH, mixed, 0);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
            return ByteBuffer.wrap(mixed).getLong() & HALF;
        }
    }
}
