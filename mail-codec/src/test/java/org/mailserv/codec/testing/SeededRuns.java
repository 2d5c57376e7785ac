package org.mailserv.codec.testing;

/** Runs a test with many seeds. A failure names the seed, and the properties that repeat it alone. */
public final class SeededRuns {
    private SeededRuns() {}

    /** A test that draws everything random from its argument. */
    @FunctionalInterface
    public interface Run {
        void play(Draws draws) throws Exception;
    }

    /**
     * Runs a test with consecutive seeds.
     *
     * @param runs the number of seeds, unless {@code -Dmodel.sessions} says otherwise; the first seed is 1, or {@code -Dmodel.seed}
     */
    public static void play(int runs, Run run) {
        long first = Long.getLong("model.seed", 1);
        long end = first + Integer.getInteger("model.sessions", runs);
        for (long seed = first; seed < end; seed++) {
            try {
                run.play(Draws.seeded(seed));
            } catch (Exception | AssertionError e) {
                throw new AssertionError("-Dmodel.seed=" + seed + " -Dmodel.sessions=1: " + e.getMessage(), e);
            }
        }
    }
}
