package org.mailserv.relay.trust;

import java.util.concurrent.CompletionStage;

/** Gets the text of a domain's policy. Any thread; the stage fails when there is none to be had, with the reason. */
public interface StsFetcher {
    CompletionStage<String> fetch(String domain);
}
