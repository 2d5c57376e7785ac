package org.mailserv.app.http.view;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.mailserv.app.api.ServerState;

/**
 * Something an operator has to know, with its remedy.
 *
 * @param serious whether mail is not received or not sent
 * @param cause the problem in a sentence
 * @param remedy the advice, or an empty text
 */
public record Health(boolean serious, String cause, String remedy) {
    private static final int DAYS_LEFT = 14;

    /** Returns the problems of a server, the serious ones first; empty if all is well. */
    public static List<Health> of(ServerState state) {
        List<Health> problems = new ArrayList<>();
        if (!state.trouble().isEmpty()) {
            problems.add(new Health(
                    true,
                    "No mail is received: " + state.trouble(),
                    state.trouble().contains("disk")
                            ? "Free space on the file system of the data folder, or see the log for the error of the disk."
                            : ""));
        }
        for (String account : state.braked()) {
            problems.add(new Health(
                    true,
                    "Outgoing mail from " + account + " is on hold: unusually high volume.",
                    "If the account was abused, change its password first. Then release the mail, or drop it:"
                            + " mailserv user release " + account + " [--drop]"));
        }
        state.certificateWarnings().forEach(line -> problems.add(new Health(false, line, "")));
        for (ServerState.CertificateInfo certificate : state.certificates()) {
            long days = Duration.between(Instant.now(), certificate.notAfter()).toDays();
            if (days < DAYS_LEFT) {
                problems.add(new Health(
                        certificate.notAfter().isBefore(Instant.now()),
                        "The certificate of " + String.join(", ", certificate.names())
                                + (certificate.notAfter().isBefore(Instant.now())
                                        ? " has expired."
                                        : " expires in " + Words.count(days, "day") + "."),
                        "Renew " + certificate.file() + "; the server picks the new file up by itself."));
            }
        }
        return problems;
    }

    /** Returns the days until a certificate expires. */
    public static long daysLeft(ServerState.CertificateInfo certificate) {
        return Duration.between(Instant.now(), certificate.notAfter()).toDays();
    }
}
