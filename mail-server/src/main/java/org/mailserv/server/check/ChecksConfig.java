package org.mailserv.server.check;

import java.time.Duration;
import java.util.List;
import org.mailserv.server.check.reputation.GreylistConfig;
import org.mailserv.server.check.reputation.ListConfig;
import org.mailserv.server.net.CidrSet;

/**
 * Settings of the checks.
 *
 * @param spf what is done about SPF
 * @param spfTemperror action, with {@link SpfPolicy#REJECT}, for mail whose SPF result is a temporary error
 * @param dmarc what is done about DMARC
 * @param dmarcTemperror what is done, where DMARC is applied, with mail that it cannot decide on because the DNS fails
 * @param invalidFrom what is done, where DMARC is applied, with mail without exactly one From field that names a domain
 * @param quarantine what is done with what DMARC or lists make suspicious
 * @param dkim whether signatures are verified and their results told; DMARC has them verified in any case
 * @param sign whether mail of users and relay clients is signed, where its domain has keys
 * @param maxSignatures of a message that are verified
 * @param timeout for the DNS at the end of a message; a check that is not done then is a temporary error
 * @param exemptNetworks clients whose mail is not judged
 * @param lists block and allow lists in the DNS
 * @param greylist whether unknown clients have to come twice
 */
public record ChecksConfig(
        SpfPolicy spf,
        OnTemperror spfTemperror,
        DmarcPolicy dmarc,
        OnTemperror dmarcTemperror,
        InvalidFrom invalidFrom,
        Quarantine quarantine,
        boolean dkim,
        boolean sign,
        int maxSignatures,
        Duration timeout,
        List<String> exemptNetworks,
        Lists lists,
        GreylistConfig greylist) {
    /** What is done about SPF. */
    public enum SpfPolicy {
        OFF,
        /** The result is in Authentication-Results. */
        MARK,
        /** And a fail is refused with 550 5.7.23. */
        REJECT
    }

    /** What is done about DMARC. */
    public enum DmarcPolicy {
        OFF,
        /** The result is in Authentication-Results. */
        MARK,
        /** And what the author's domain wants is done: a mark, or 550 5.7.1. */
        APPLY
    }

    /** Action for mail that cannot be decided on because of a temporary DNS failure. */
    public enum OnTemperror {
        /** 451: the client tries again later. */
        DEFER,
        /** Accepted as suspicious. */
        MARK
    }

    /** What is done with mail whose author cannot be told. RFC 5322, 3.6. */
    public enum InvalidFrom {
        /** 550 5.7.1. */
        REJECT,
        /** It is taken as suspicious. */
        MARK,
        ACCEPT
    }

    /** What is done with suspicious mail that is not refused. */
    public enum Quarantine {
        /** X-Spam-Flag: YES. */
        MARK,
        /** That, and the Junk folder of the mailbox, a Maildir folder beside the inbox that POP3 does not show. */
        JUNK
    }

    /**
     * Lists in the DNS.
     *
     * @param threshold points from which on a message is refused or marked
     * @param refuse whether it is refused
     */
    public record Lists(List<ListConfig> zones, int threshold, boolean refuse) {}

    public ChecksConfig {
        CidrSet.parse(exemptNetworks);
    }

    /** Returns the same settings with others of greylisting. */
    public ChecksConfig withGreylist(GreylistConfig other) {
        return new ChecksConfig(
                spf,
                spfTemperror,
                dmarc,
                dmarcTemperror,
                invalidFrom,
                quarantine,
                dkim,
                sign,
                maxSignatures,
                timeout,
                exemptNetworks,
                lists,
                other);
    }

    /** As {@code reference.conf} has them. */
    public static ChecksConfig defaults() {
        return new ChecksConfig(
                SpfPolicy.MARK,
                OnTemperror.DEFER,
                DmarcPolicy.MARK,
                OnTemperror.DEFER,
                InvalidFrom.REJECT,
                Quarantine.MARK,
                true,
                true,
                10,
                Duration.ofSeconds(10),
                List.of("127.0.0.0/8", "::1"),
                new Lists(List.of(), 5, true),
                GreylistConfig.defaults());
    }
}
