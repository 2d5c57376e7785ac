package org.mailserv.app.server;

import java.util.List;
import java.util.function.Supplier;
import org.mailserv.server.net.TrustedGateways;
import org.mailserv.server.spool.Spool;
import org.mailserv.server.spool.SpoolException;

/** The server's readiness to receive mail, as {@code /readyz} and the admin page report it. Thread-safe; nothing blocks. */
final class Readiness {
    private final Spool spool;
    private final TrustedGateways gateways;
    private final Supplier<List<String>> certificateWarnings;
    private volatile boolean stopping;

    /** @param certificateWarnings returns warnings about the certificate; must not block */
    Readiness(Spool spool, TrustedGateways gateways, Supplier<List<String>> certificateWarnings) {
        this.spool = spool;
        this.gateways = gateways;
        this.certificateWarnings = certificateWarnings;
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
        if (spool.isWritable()) {
            return "";
        }
        return spool.unwritableReason() == SpoolException.Reason.DISK_FULL
                ? "the spool takes no mail: its disk is full or fails"
                : "the shared store does not answer: mail waits for a quorum of engine nodes";
    }

    /** Returns warnings about the certificate. */
    List<String> certificateWarnings() {
        return certificateWarnings.get();
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
        certificateWarnings.get().forEach(line -> text.append(line).append('\n'));
        return text.toString();
    }
}
