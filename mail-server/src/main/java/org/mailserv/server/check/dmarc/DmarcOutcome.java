package org.mailserv.server.check.dmarc;

import org.jspecify.annotations.Nullable;

/**
 * The outcome of one check.
 *
 * @param result the result of the check
 * @param domain the author's domain
 * @param policy the policy to apply to the message; NONE unless it failed
 * @param undecided whether the policy asks for refusal or quarantine, or may do so, and a missing answer could still make the message pass;
 *     such a message is not accepted now
 * @param reason human-readable: the published policy and the domain that publishes it
 * @param evaluation the basis of the result, if there was a policy
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

    /** Returns the outcome of a check that lacks an answer. */
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
     * The details for an aggregate report.
     *
     * @param spf whether SPF passed for an aligned domain
     * @param dkim whether a signature of an aligned domain is valid
     */
    public record Evaluation(DmarcRecord record, boolean spf, boolean dkim) {}
}
