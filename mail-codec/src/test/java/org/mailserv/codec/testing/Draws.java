package org.mailserv.codec.testing;

import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Choices of a generated session: from a seed in every build, from Jazzer's octets when it looks for more. */
public interface Draws {
    /** A number from 0 to the bound, without it. */
    int below(int bound);

    /** The same choices for the same seed. */
    static Draws seeded(long seed) {
        return new Random(seed)::nextInt;
    }

    /** True once in so many times. */
    default boolean oneIn(int times) {
        return below(times) == times - 1;
    }

    /** One of the words. */
    default String of(String... words) {
        return words[below(words.length)];
    }

    /** Octets, at random those that mean something to a mail protocol. */
    default byte[] octets(int most) {
        byte[] octets = new byte[below(most + 1)];
        byte[] telling = "\r\n\r\n..\0 \t<>:\u00ff\u00c3a=-+\u007f\u001b".getBytes(StandardCharsets.ISO_8859_1);
        for (int i = 0; i < octets.length; i++) {
            octets[i] = oneIn(4) ? (byte) below(256) : telling[below(telling.length)];
        }
        return octets;
    }
}
