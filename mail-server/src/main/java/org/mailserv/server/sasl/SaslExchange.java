package org.mailserv.server.sasl;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.account.Account;

/** One SASL exchange, from the server's side. Used by one thread at a time; nothing blocks. RFC 4422, 3. */
public interface SaslExchange {
    /** Whether the server speaks first, so that no empty challenge goes before (LOGIN). */
    boolean serverFirst();

    /** Takes the client's response in base64, null where the server speaks first and none has come. */
    CompletionStage<Step> step(@Nullable String response);

    /**
     * How the exchange goes on: exactly one of challenge, syntax error, or end.
     *
     * @param challenge in base64, may be empty; null at the end
     * @param syntaxError what was wrong with the response, or null
     * @param login the name that was given, where it is known
     * @param account who logged in, null for a failed login
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
