package org.mailserv.server.check.dmarc;

import org.jspecify.annotations.Nullable;

/**
 * The outcome of one check.
 *
 * @param result the result of the check
 * @param domain the author's domain
 * @param policy what is to be done with the message; NONE unless it failed
 * @param undecided whether the policy asks for refusal or quarantine, or may do so, and an answer that is missing could still make the
 *     message pass: it is not to be taken now
 * @param reason for people: the policy as published and where it stands
 * @param evaluation what it was found by, where there was a policy
 */
public record DmarcOutcome(
        DmarcResult result,
        String domain,
        DmarcPolicy policy,
        boolean undecided,
        String reason,
        @Nullable Evaluation evaluation) {
    /** Returns an outcome that asks for nothing. */
    static DmarcOutcome of(DmarcResult result, String domain, String reason) {
        return new DmarcOutcome(result, domain, DmarcPolicy.NONE, false, reason, null);
    }

    /** Returns the outcome of a check that an answer is missing for. */
    public static DmarcOutcome unknown(String domain, boolean undecided, String reason) {
        return new DmarcOutcome(DmarcResult.TEMPERROR, domain, DmarcPolicy.NONE, undecided, reason, null);
    }

    /** Returns the same with another result. */
    public DmarcOutcome with(DmarcResult otherResult, String otherReason) {
        return new DmarcOutcome(otherResult, domain, policy, undecided, otherReason, evaluation);
    }

    /**
     * Returns the stricter of two outcomes, for messages with authors of several domains. A refusal comes first, then what is undecided, then
     * quarantine. RFC 9989, 11.5.
     */
    DmarcOutcome orStricter(DmarcOutcome other) {
        return other.rank() > rank() ? other : this;
    }

    private int rank() {
        int byPolicy = policy == DmarcPolicy.REJECT ? 3 : undecided ? 2 : policy == DmarcPolicy.QUARANTINE ? 1 : 0;
        return byPolicy * 10 + result.ordinal();
    }

    /**
     * What a report says.
     *
     * @param spf whether SPF passed for a domain that aligns
     * @param dkim whether a signature of a domain that aligns is good
     */
    public record Evaluation(DmarcRecord record, boolean spf, boolean dkim) {}
}
