package org.mailserv.server.sasl;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** Watches logins: slows guessing down and keeps polling apart. Any thread; nothing blocks. */
public interface LoginGuard {
    /** Whether the client may try this login now. */
    boolean mayTry(String address, String login);

    /** A login failed: completes when the client may be told. */
    CompletionStage<Void> failed(String address, String login);

    void succeeded(String address, String login);

    /** Whether the last login to the mailbox is long enough ago; a true answer counts as a login. RFC 2449, 6.5. */
    boolean loginDelayOver(String mailbox, Duration delay);
}
