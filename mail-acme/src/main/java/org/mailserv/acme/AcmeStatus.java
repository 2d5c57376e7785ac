package org.mailserv.acme;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The state of the certificate and of its renewal, for people and for metrics.
 *
 * @param problem the last failure; empty if the last attempt succeeded
 * @param remedy the action of an operator that helps
 * @param failures number of failed attempts since the last success
 * @param nextAttempt time of the next attempt; null if none is planned
 * @param names names in the certificate; empty if there is no certificate yet
 * @param leftOut wanted names that the CA could not validate, with reasons
 * @param notAfter end of the certificate; null if there is none yet
 * @param renewAt planned time of the renewal; null if there is no certificate yet
 * @param tlsa TLSA record of the current key; null before the first attempt
 * @param nextTlsa TLSA record of the next key; null before the first attempt
 * @param rollover state of a change of the key, in words; empty if none is under way
 */
public record AcmeStatus(
        Phase phase,
        String problem,
        String remedy,
        int failures,
        @Nullable Instant nextAttempt,
        Set<String> names,
        Map<String, String> leftOut,
        @Nullable Instant notAfter,
        @Nullable Instant renewAt,
        @Nullable TlsaRecord tlsa,
        @Nullable TlsaRecord nextTlsa,
        String rollover) {

    /** The phases of a certificate. */
    public enum Phase {
        /** No attempt has been made since the start. */
        STARTING("starting"),
        /** An order is under way. */
        WORKING("the certificate is being requested"),
        /** The certificate is valid, and its renewal is planned. */
        VALID("valid"),
        /** The last attempt failed. */
        FAILING("the last attempt failed");

        private final String text;

        Phase(String text) {
            this.text = text;
        }
    }

    public AcmeStatus {
        names = Set.copyOf(names);
        leftOut = Map.copyOf(leftOut);
    }

    /** Returns the state before the first attempt. */
    static AcmeStatus starting() {
        return new AcmeStatus(Phase.STARTING, "", "", 0, null, Set.of(), Map.of(), null, null, null, null, "");
    }

    /** Returns this state with a problem of this machine. */
    AcmeStatus broken(String reason) {
        return new AcmeStatus(
                Phase.FAILING,
                reason,
                "look at the data folder and at the log",
                Math.max(1, failures),
                nextAttempt,
                names,
                leftOut,
                notAfter,
                renewAt,
                tlsa,
                nextTlsa,
                rollover);
    }

    AcmeStatus with(Phase other) {
        return new AcmeStatus(
                other,
                problem,
                remedy,
                failures,
                nextAttempt,
                names,
                leftOut,
                notAfter,
                renewAt,
                tlsa,
                nextTlsa,
                rollover);
    }

    /** Returns what an operator has to know or do, one line each; empty if all is well. */
    public List<String> warnings(Instant now) {
        List<String> lines = new ArrayList<>();
        if (!problem.isEmpty()) {
            lines.add("certificate: " + problem + "; " + remedy
                    + (nextAttempt == null ? "" : "; next attempt " + minute(nextAttempt)));
        }
        if (notAfter != null && now.isAfter(notAfter)) {
            lines.add("certificate: expired " + minute(notAfter));
        }
        new TreeSet<>(leftOut.keySet())
                .forEach(name -> lines.add("certificate: " + name + " is not in it: " + leftOut.get(name)));
        if (!rollover.isEmpty()) {
            lines.add("certificate key: " + rollover);
        }
        return lines;
    }

    /** Returns the state in lines, for {@code mailserv tls}. */
    public String describe(Instant now) {
        StringBuilder text = new StringBuilder();
        line(text, "state", phase.text);
        line(text, "names", names.isEmpty() ? "no certificate yet; a self-signed one is in use" : sorted());
        line(text, "valid until", notAfter == null ? "" : minute(notAfter));
        line(text, "renewal", renewAt == null ? "" : "planned for " + minute(renewAt));
        line(text, "next attempt", nextAttempt == null ? "" : minute(nextAttempt));
        line(text, "failures", failures == 0 ? "" : Integer.toString(failures));
        line(text, "TLSA record", tlsa == null ? "" : tlsa.toString());
        line(text, "of next key", nextTlsa == null ? "" : nextTlsa.toString());
        List<String> warnings = warnings(now);
        warnings.forEach(warning -> line(text, "note", warning));
        return text.toString();
    }

    private String sorted() {
        return String.join(", ", new TreeSet<>(names));
    }

    private static void line(StringBuilder text, String label, String value) {
        if (!value.isEmpty()) {
            text.append(String.format("%-13s %s%n", label + ":", value));
        }
    }

    private static String minute(Instant time) {
        return time.truncatedTo(ChronoUnit.MINUTES).toString().replace("T", " ").replace(":00Z", " UTC");
    }
}
