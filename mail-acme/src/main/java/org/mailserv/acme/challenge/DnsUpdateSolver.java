package org.mailserv.acme.challenge;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.mailserv.acme.dns.DnsUpdateClient;
import org.mailserv.acme.dns.TsigKey;
import org.mailserv.server.text.Failures;
import org.mailserv.server.tls.AcmeConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Publishes the TXT records of DNS-01 by dynamic update. RFC 8555, 8.4; RFC 2136. */
public final class DnsUpdateSolver implements ChallengeSolver {
    static final String LABEL = "_acme-challenge.";

    private static final Logger LOG = LoggerFactory.getLogger(DnsUpdateSolver.class);

    private final DnsUpdateClient client;
    private final @Nullable String zone;
    private final Duration ttl;
    private final Duration wait;

    public DnsUpdateSolver(String server, AcmeConfig.DnsUpdates settings, InstantSource clock) {
        String name = settings.keyName();
        String secret = settings.keySecret();
        String algorithm =
                settings.keyAlgorithm().name().toLowerCase(Locale.ROOT).replace('_', '-');
        TsigKey key = name == null || secret == null ? null : TsigKey.of(name, algorithm, secret);
        this.client = new DnsUpdateClient(server, key, clock);
        this.zone = settings.zone();
        this.ttl = settings.ttl();
        this.wait = settings.propagationWait();
    }

    @Override
    public void publish(Proof proof) throws IOException {
        client.add(zone, LABEL + proof.name(), proof.digest(), ttl);
    }

    @Override
    public void settle() throws InterruptedException {
        Thread.sleep(wait.toMillis());
    }

    @Override
    public void withdraw(Proof proof) {
        try {
            client.remove(zone, LABEL + proof.name(), proof.digest());
        } catch (IOException e) {
            LOG.warn("event=acme-record-not-removed name={} reason=\"{}\"", LABEL + proof.name(), Failures.text(e));
        }
    }
}
