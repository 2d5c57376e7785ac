package org.mailserv.server.sasl;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.account.Account;

/** The server side of one SASL exchange. Not thread-safe, non-blocking. RFC 4422, 3. */
public interface SaslExchange {
    /** Returns whether the server sends the first challenge, so that no empty challenge precedes it (LOGIN). */
    boolean serverFirst();

    /**
     * Handles a response of the client.
     *
     * @param response the response in base64; null if the server speaks first and there is no response yet
     */
    CompletionStage<Step> step(@Nullable String response);

    /**
     * The result of a step: a challenge, a syntax error, or the end of the exchange.
     *
     * @param challenge challenge in base64, possibly empty; null otherwise
     * @param syntaxError description of the defect in the response, or null
     * @param login the login name, if known
     * @param account the authenticated account, or null after a failed login
     */
    record Step(
            @Nullable String challenge,
            @Nullable String syntaxError,
            @Nullable String login,
            @Nullable Account account) {

        static Step challenge(String base64) {
            return new Step(base64, null, null, null);
        }

        static Step syntaxError(String text) {
            return new Step(null, text, null, null);
        }

        static Step end(String login, @Nullable Account account) {
            return new Step(null, null, login, account);
        }
    }
}
