package org.mailserv.relay.trust;

import java.util.concurrent.CompletionStage;

/** Fetches MTA-STS policies. Called on any thread. */
public interface StsFetcher {
    /**
     * Fetches the text of a domain's policy.
     *
     * @return the text; completes exceptionally with the reason if the policy cannot be fetched
     */
    CompletionStage<String> fetch(String domain);
}
