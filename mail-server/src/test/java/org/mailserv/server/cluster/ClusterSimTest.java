package org.mailserv.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mailserv.server.cluster.SimNetwork.Mutation;
import org.slf4j.LoggerFactory;

/**
 * Two or three nodes on virtual time, over tables in memory that delay, lose, repeat and leave unknown; nodes are paused and die at any call.
 * Each seed is one history. {@code -Dsim.seed=N} runs one seed with a trace; {@code -Dsim.seconds=S} runs new seeds for as long.
 */
class ClusterSimTest {
    private static final Logger LOG = (Logger) LoggerFactory.getLogger("org.mailserv.server.cluster");
    private static final int SEEDS = 4000;
    private static final int SECONDS = 15;

    @BeforeAll
    static void silence() {
        LOG.setLevel(Level.OFF);
    }

    @AfterAll
    static void speak() {
        LOG.setLevel(null);
    }

    @Test
    @DisplayName("Nothing acknowledged is lost, and only the states of an owner count, whatever fails")
    void nothingIsLost() {
        Long one = Long.getLong("sim.seed");
        if (one != null) {
            SimCluster cluster = new SimCluster(one, Mutation.NONE).traced();
            List<String> violations = cluster.run();
            System.out.println(cluster.describe());
            assertThat(violations).as("seed %d", one).isEmpty();
            return;
        }
        boolean longer = Integer.getInteger("sim.seconds") != null;
        long end = System.nanoTime() + Integer.getInteger("sim.seconds", SECONDS) * 1_000_000_000L;
        long first = longer ? System.nanoTime() : 0;
        int run = 0;
        // A slow machine gets fewer seeds, and not a longer build.
        while (System.nanoTime() < end && (longer || run < SEEDS)) {
            long seed = first + run++;
            SimCluster cluster = new SimCluster(seed, Mutation.NONE);
            assertThat(cluster.run())
                    .as("seed %d (run it alone: -Dsim.seed=%d)", seed, seed)
                    .isEmpty();
        }
        System.out.println("simulated " + run + " histories");
        assertThat(run).as("histories").isPositive();
    }

    @ParameterizedTest
    @EnumSource(
            value = Mutation.class,
            names = {"FENCE", "LOOK", "RENEWAL"})
    @DisplayName("The simulation notices each part of the protocol that is left out")
    void mistakesAreFound(Mutation mutation) {
        for (long seed = 0; seed < 3000; seed++) {
            if (!new SimCluster(seed, mutation).run().isEmpty()) {
                return;
            }
        }
        fail("no history shows that %s is missing", mutation);
    }
}
