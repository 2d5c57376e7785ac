package org.mailserv.acme;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.mailserv.acme.files.AcmeState;
import org.mailserv.acme.files.AcmeState.Text;
import org.mailserv.acme.files.AcmeState.Time;

/** The mails to the postmaster: about renewals that keep failing, about their recovery, and about changes of the key. */
final class FailureMail {
    /** A failure that the next attempts repair is not worth a mail. */
    private static final int FAILURES = 3;

    private static final Duration URGENT_LEFT = Duration.ofDays(7);
    private static final Duration URGENT_EVERY = Duration.ofDays(1);
    private static final Duration EVERY = Duration.ofDays(7);

    private final AcmeNotices notices;
    private final AcmeState state;
    private final String host;

    FailureMail(AcmeNotices notices, AcmeState state, String host) {
        this.notices = notices;
        this.state = state;
        this.host = host;
    }

    /**
     * Sends a mail about a failure, unless it is too new or one was sent lately. Mails are daily in the last week of a certificate, and
     * weekly before.
     *
     * @param notAfter end of the current certificate; null for none
     */
    void failed(Instant now, @Nullable Instant notAfter) {
        Instant last = state.time(Time.NOTIFIED);
        boolean urgent = notAfter != null && Duration.between(now, notAfter).compareTo(URGENT_LEFT) < 0;
        boolean due = last == null || !now.isBefore(last.plus(urgent ? URGENT_EVERY : EVERY));
        if (state.failures() < FAILURES || !due) {
            return;
        }
        state.set(Time.NOTIFIED, now);
        String effect = notAfter == null
                ? "The server uses a self-signed certificate, which mail programs reject."
                : now.isAfter(notAfter)
                        ? "The certificate has expired: " + notAfter + ". Mail programs reject it."
                        : "The certificate in use is valid until " + notAfter + ".";
        notices.send(
                "No new certificate for " + host,
                "The server has failed " + state.failures() + " times to get a certificate for " + host + ".\n\n"
                        + "Problem: " + state.text(Text.PROBLEM) + "\n"
                        + "Remedy:  " + state.text(Text.REMEDY) + "\n\n"
                        + effect + "\n\n"
                        + "The server tries again by itself. `mailserv tls` shows the state, and `mailserv tls renew`\n"
                        + "starts an attempt at once.\n");
    }

    /** Sends a mail if a mail about failures was sent before. */
    void succeeded(Instant notAfter) {
        if (state.time(Time.NOTIFIED) != null) {
            state.set(Time.NOTIFIED, null);
            notices.send(
                    "New certificate for " + host,
                    "The server has a certificate for " + host + " again, valid until " + notAfter + ".\n");
        }
    }

    void rolloverBegun(TlsaRecord next) {
        notices.send(
                "The key of " + host + " is to change",
                "The key of the certificate is to change. If you publish TLSA records (DANE), add this one beside the\n"
                        + "present one now. The key changes only after it has been in the DNS for a while; `mailserv tls`\n"
                        + "shows when.\n\n    " + next + "\n\n"
                        + "If you do not publish TLSA records, there is nothing to do.\n");
    }

    void rolloverDone(TlsaRecord old, TlsaRecord current, TlsaRecord next) {
        notices.send(
                "The key of " + host + " has changed",
                "The certificate has another key now. If you publish TLSA records (DANE), keep this one:\n\n    "
                        + current + "\n\nremove this one:\n\n    " + old
                        + "\n\nand, if you like to be prepared for the next change, add this one:\n\n    " + next
                        + "\n");
    }
}
