package org.mailserv.server.spool;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The id of a message from acceptance to its end: 80 bits that look random, used in log lines, {@code Received}, file names and the admin
 * views. It reveals nothing about content, time or order.
 *
 * @param high the first 64 bits
 * @param low the last 16 bits
 */
public record QueueId(long high, short low) implements Comparable<QueueId> {
    /** Number of characters of the text form. */
    public static final int LENGTH = 16;

    // Lower case only and without look-alikes, so that ids survive case-insensitive file systems and phone calls.
    private static final char[] ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz".toCharArray();
    private static final SecureRandom RANDOM = new SecureRandom();

    public static QueueId random() {
        // Drawn at once, because each draw takes the generator's lock.
        byte[] bits = new byte[Long.BYTES + Short.BYTES];
        RANDOM.nextBytes(bits);
        ByteBuffer numbers = ByteBuffer.wrap(bits);
        return new QueueId(numbers.getLong(), numbers.getShort());
    }

    /** Returns an id from the given source of bits, for reproducible tests. */
    public static QueueId random(Random random) {
        return new QueueId(random.nextLong(), (short) random.nextInt());
    }

    /**
     * Parses the text form.
     *
     * @throws IllegalArgumentException if the text is not 16 characters of the alphabet
     */
    public static QueueId parse(String text) {
        if (text.length() != LENGTH) {
            throw new IllegalArgumentException("queue id: \"" + text + "\" (expected: 16 characters)");
        }
        QueueId id = tryParse(text);
        if (id == null) {
            throw new IllegalArgumentException("queue id: \"" + text + "\" (expected: 0-9 and a-z without i, l, o, u)");
        }
        return id;
    }

    /** Parses the text form; returns null if the text has another form. */
    public static @Nullable QueueId tryParse(String text) {
        if (text.length() != LENGTH) {
            return null;
        }
        long high = 0;
        long tail = 0;
        for (int i = 0; i < LENGTH; i++) {
            int digit = digit(text.charAt(i));
            if (digit < 0) {
                return null;
            }
            // The first 12 characters and 4 bits of the 13th are the high 64 bits.
            if (i < 12) {
                high = high << 5 | digit;
            } else {
                tail = tail << 5 | digit;
            }
        }
        return new QueueId(high << 4 | tail >>> 16, (short) tail);
    }

    private static int digit(char c) {
        for (int i = 0; i < ALPHABET.length; i++) {
            if (ALPHABET[i] == c) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public int compareTo(QueueId other) {
        int order = Long.compareUnsigned(high, other.high);
        return order != 0 ? order : Integer.compare(low & 0xFFFF, other.low & 0xFFFF);
    }

    /** Returns the 16 characters in lower case. */
    @Override
    public String toString() {
        char[] text = new char[LENGTH];
        long tail = (high & 0xF) << 16 | low & 0xFFFF;
        for (int i = LENGTH - 1; i >= 12; i--) {
            text[i] = ALPHABET[(int) (tail & 31)];
            tail >>>= 5;
        }
        long head = high >>> 4;
        for (int i = 11; i >= 0; i--) {
            text[i] = ALPHABET[(int) (head & 31)];
            head >>>= 5;
        }
        return new String(text);
    }
}
