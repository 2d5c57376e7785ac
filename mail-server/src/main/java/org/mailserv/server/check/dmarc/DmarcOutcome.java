package org.mailserv.server.check.dmarc;

import org.jspecify.annotations.Nullable;

/**
 * The outcome of one check.
 *
 * @param result {@code pass}, {@code fail}, {@code none}, {@code temperror}, {@code permerror}
 * @param domain the author's domain
 * @param policy what is to be done with the message; NONE unless it failed
 * @param reason for people: the policy as published and where it stands
 * @param evaluation what it was found by, where there was a policy
 */
public record DmarcOutcome(
        String result,
        String domain,
        DmarcPolicy policy,
        String reason,
        @Nullable Evaluation evaluation) {
    /** Without a policy. */
    public DmarcOutcome(String result, String domain, DmarcPolicy policy, String reason) {
        this(result, domain, policy, reason, null);
    }

    /**
     * What a report says.
     *
     * @param spf whether SPF passed for a domain that aligns
     * @param dkim whether a signature of a domain that aligns is good
     */
    public record Evaluation(DmarcRecord record, boolean spf, boolean dkim) {}
}
