package org.mailserv.server.smtp;

import java.time.Duration;
import org.mailserv.server.check.PtrPolicy;

/**
 * Builds settings of SMTP for tests, so that a test names only what matters to it. The starting point accepts everything that RFC 5321 allows,
 * without pauses, name look-ups or a minimum rate.
 */
public final class SmtpConfigBuilder {
    private long maxMessageSize = 1 << 20;
    private int maxRecipients = 100;
    private int hopLimit = 100;
    private int ownHopLimit = 5;
    private int maxErrors = 20;
    private int maxCommands = 10_000;
    private PtrPolicy ptr = PtrPolicy.OFF;
    private boolean strictAddresses;

    public SmtpConfigBuilder maxMessageSize(long octets) {
        maxMessageSize = octets;
        return this;
    }

    public SmtpConfigBuilder maxRecipients(int recipients) {
        maxRecipients = recipients;
        return this;
    }

    /** Sets the maximum number of Received fields, and of those that this server wrote. */
    public SmtpConfigBuilder hopLimits(int all, int own) {
        hopLimit = all;
        ownHopLimit = own;
        return this;
    }

    public SmtpConfigBuilder maxErrors(int errors) {
        maxErrors = errors;
        return this;
    }

    public SmtpConfigBuilder maxCommands(int commands) {
        maxCommands = commands;
        return this;
    }

    public SmtpConfigBuilder ptr(PtrPolicy policy) {
        ptr = policy;
        return this;
    }

    public SmtpConfigBuilder strictAddresses(boolean strict) {
        strictAddresses = strict;
        return this;
    }

    public SmtpConfig build() {
        return new SmtpConfig(
                maxMessageSize,
                maxRecipients,
                hopLimit,
                ownHopLimit,
                maxErrors,
                maxCommands,
                Duration.ofMinutes(5),
                Duration.ofMinutes(3),
                Duration.ofMinutes(30),
                false,
                false,
                false,
                false,
                false,
                true,
                3,
                Duration.ZERO,
                0,
                ptr,
                false,
                strictAddresses);
    }
}
