package org.mailserv.pop3;

import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.account.Account;

/** One SASL exchange as POP3 needs it. RFC 5034, 4. */
public interface Pop3Sasl {
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
            @Nullable Account account) {}

    /** The mechanisms that are offered. */
    interface Mechanisms {
        /** In upper case; without plain-text ones where they are not allowed. */
        List<String> names(boolean plaintextAllowed);

        /** Begins an exchange with one of the names. */
        Pop3Sasl begin(String mechanism);
    }
}
