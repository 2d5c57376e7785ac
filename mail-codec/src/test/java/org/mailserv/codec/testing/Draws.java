package org.mailserv.codec.testing;

import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Random choices of a generated session: from a seed in every build, or from Jazzer's octets when fuzzing. */
public interface Draws {
    /** Returns a number from 0 up to, but excluding, the bound. */
    int below(int bound);

    /** Returns choices that are the same for the same seed. */
    static Draws seeded(long seed) {
        return new Random(seed)::nextInt;
    }

    /** Returns true once in the given number of times, on average. */
    default boolean oneIn(int times) {
        return below(times) == times - 1;
    }

    /** Returns one of the words. */
    default String of(String... words) {
        return words[below(words.length)];
    }

    /** Returns octets, preferring those with a meaning in mail protocols. */
    default byte[] octets(int most) {
        byte[] octets = new byte[below(most + 1)];
        byte[] telling = "\r\n\r\n..\0 \t<>:\u00ff\u00c3a=-+\u007f\u001b".getBytes(StandardCharsets.ISO_8859_1);
        for (int i = 0; i < octets.length; i++) {
            octets[i] = oneIn(4) ? (byte) below(256) : telling[below(telling.length)];
        }
        return octets;
    }
}
