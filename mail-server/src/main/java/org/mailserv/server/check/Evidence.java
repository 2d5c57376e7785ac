package org.mailserv.server.check;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.check.dkim.ArcOutcome;
import org.mailserv.server.check.dkim.DkimOutcome;
import org.mailserv.server.check.dmarc.DmarcOutcome;
import org.mailserv.server.check.reputation.DnsLists;
import org.mailserv.server.check.spf.SpfOutcome;

/**
 * The results of all checks on one message.
 *
 * @param spf null when it is off
 * @param signatures a result for each; null when none are verified
 * @param arc the chain of forwarders
 * @param score of the lists
 * @param dmarc null when it is off
 * @param fromProblem why the author cannot be told, or null
 */
record Evidence(
        @Nullable SpfOutcome spf,
        @Nullable List<DkimOutcome> signatures,
        ArcOutcome arc,
        DnsLists.Score score,
        @Nullable DmarcOutcome dmarc,
        @Nullable String fromProblem) {
    Evidence withDmarc(@Nullable DmarcOutcome outcome, @Nullable String problem) {
        return new Evidence(spf, signatures, arc, score, outcome, problem);
    }

    /** Returns the results of signatures, none when they are not verified. */
    List<DkimOutcome> results() {
        return signatures == null ? List.of() : signatures;
    }
}
