package org.mailserv.server.sasl;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** Slows down password guessing and enforces the login delay. Thread-safe and non-blocking. */
public interface LoginGuard {
    /** Returns whether the client may attempt this login now. */
    boolean mayTry(String address, String login);

    /**
     * Records a failed login.
     *
     * @return a stage that completes when the client may receive the reply
     */
    CompletionStage<Void> failed(String address, String login);

    void succeeded(String address, String login);

    /**
     * Returns whether enough time has passed since the last login to the mailbox. If so, records a login. RFC 2449,
     * 6.5.
     */
    boolean loginDelayOver(String mailbox, Duration delay);
}
