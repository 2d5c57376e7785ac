package org.mailserv.server.check;

import java.time.Duration;
import java.util.List;
import org.mailserv.server.check.reputation.GreylistConfig;
import org.mailserv.server.check.reputation.ListConfig;
import org.mailserv.server.net.CidrSet;

/**
 * Settings of the checks.
 *
 * @param spf the action on SPF results
 * @param spfTemperror action, with {@link SpfPolicy#REJECT}, for mail whose SPF result is a temporary error
 * @param dmarc the action on DMARC results
 * @param dmarcTemperror action, where DMARC is applied, for mail that cannot be decided on because the DNS fails
 * @param invalidFrom action, where DMARC is applied, for mail without exactly one From field that names a domain
 * @param quarantine action for mail that DMARC or the lists find suspicious
 * @param dkim whether DKIM results are reported; DMARC verifies the signatures in any case
 * @param sign whether mail of users and relay clients is signed where its domain has keys
 * @param maxSignatures maximum number of signatures per message that are verified
 * @param timeout time for DNS answers at the end of a message; an unfinished check then is a temporary error
 * @param exemptNetworks clients whose mail is not checked
 * @param lists DNS block and allow lists
 * @param greylist greylisting of unknown clients
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
    /** The action on SPF results. */
    public enum SpfPolicy {
        OFF,
        /** Reports the result in Authentication-Results. */
        MARK,
        /** Also refuses a fail with 550 5.7.23. */
        REJECT
    }

    /** The action on DMARC results. */
    public enum DmarcPolicy {
        OFF,
        /** Reports the result in Authentication-Results. */
        MARK,
        /** Also applies the policy of the author's domain: mail is marked, or refused with 550 5.7.1. */
        APPLY
    }

    /** Action for mail that cannot be decided on because of a temporary DNS failure. */
    public enum OnTemperror {
        /** Refuses with 451; the client retries later. */
        DEFER,
        /** Accepts the message and marks it as suspicious. */
        MARK
    }

    /** The action for mail whose author cannot be determined. RFC 5322, 3.6. */
    public enum InvalidFrom {
        /** Refuses with 550 5.7.1. */
        REJECT,
        /** Accepts the message and marks it as suspicious. */
        MARK,
        ACCEPT
    }

    /** The action for suspicious mail that is not refused. */
    public enum Quarantine {
        /** Adds X-Spam-Flag: YES. */
        MARK,
        /** Also delivers to the Junk folder of the mailbox, a Maildir folder that POP3 does not show. */
        JUNK
    }

    /**
     * DNS lists.
     *
     * @param threshold points from which a message is refused or marked
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
}
