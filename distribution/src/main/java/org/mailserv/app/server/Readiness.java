package org.mailserv.app.server;

import org.mailserv.server.net.TrustedGateways;
import org.mailserv.server.spool.Spool;

/** The server's readiness to receive mail, as {@code /readyz} and the admin page report it. Thread-safe; nothing blocks. */
final class Readiness {
    private final Spool spool;
    private final TrustedGateways gateways;
    private volatile boolean stopping;

    Readiness(Spool spool, TrustedGateways gateways) {
        this.spool = spool;
        this.gateways = gateways;
    }

    /** Reports the server as stopping from now on. */
    void stop() {
        stopping = true;
    }

    boolean isStopping() {
        return stopping;
    }

    /** Returns the reason why the server cannot receive mail, or an empty text if it can. */
    String problem() {
        if (stopping) {
            return "stopping";
        }
        return spool.isWritable() ? "" : "the spool takes no mail: its disk is full or fails";
    }

    /** Returns warnings for an operator that do not stop mail, one per line. May be empty. */
    String warnings() {
        StringBuilder text = new StringBuilder();
        gateways.withdrawn()
                .forEach(address -> text.append("trust withdrawn from ")
                        .append(address)
                        .append(": ")
                        .append(TrustedGateways.ADVICE)
                        .append('\n'));
        return text.toString();
    }
}
