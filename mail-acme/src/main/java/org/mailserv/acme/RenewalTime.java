package org.mailserv.acme;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.random.RandomGenerator;
import org.mailserv.server.tls.AcmeConfig;

/** The times of renewals and of attempts after failures, with jitter. */
final class RenewalTime {
    private static final int LATEST_TENTH = 10;

    private final AcmeConfig config;
    private final RandomGenerator random;

    RenewalTime(AcmeConfig config, RandomGenerator random) {
        this.config = config;
        this.random = random;
    }

    /** Returns the renewal time of a certificate for which the CA suggests none. It varies to earlier times only. */
    Instant ownChoice(Instant notBefore, Instant notAfter) {
        double seconds = Duration.between(notBefore, notAfter).toSeconds() * config.renewAt();
        return notBefore.plusSeconds((long) (seconds * (1 - config.jitter() * random.nextDouble())));
    }

    /**
     * Returns a random time of a window that the CA suggests. RFC 9773, 4.2. It is never in the last tenth of the certificate's lifetime,
     * whatever the CA says.
     */
    Instant within(Instant start, Instant end, Instant notBefore, Instant notAfter) {
        long millis = Math.max(1, Duration.between(start, end).toMillis());
        Instant chosen = start.plusMillis((long) (random.nextDouble() * millis));
        Instant latest = notAfter.minus(Duration.between(notBefore, notAfter).dividedBy(LATEST_TENTH));
        return chosen.isAfter(latest) ? latest : chosen;
    }

    /** Returns the delay after a number of failures, at least 1. */
    Duration delay(int failures) {
        List<Duration> delays = config.retry();
        Duration delay = delays.get(Math.min(failures, delays.size()) - 1);
        return vary(delay);
    }

    /** Returns the delay after which a name that was left out is tried again. */
    Duration delayOfName() {
        return vary(config.retry().get(config.retry().size() - 1));
    }

    private Duration vary(Duration delay) {
        double factor = 1 + config.jitter() * (2 * random.nextDouble() - 1);
        return Duration.ofMillis(Math.max(1000, (long) (delay.toMillis() * factor)));
    }
}
