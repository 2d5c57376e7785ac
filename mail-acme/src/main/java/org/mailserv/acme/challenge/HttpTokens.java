package org.mailserv.acme.challenge;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The proofs for HTTP-01, as the listener on port 80 and the HTTP endpoint serve them. Thread-safe. RFC 8555, 8.3. */
public final class HttpTokens implements ChallengeSolver {
    /** The path that precedes the token. */
    public static final String PATH = "/.well-known/acme-challenge/";

    private final Map<String, String> authorizations = new ConcurrentHashMap<>();

    @Override
    public void publish(Proof proof) {
        authorizations.put(proof.token(), proof.authorization());
    }

    @Override
    public void withdraw(Proof proof) {
        authorizations.remove(proof.token());
    }

    /** Returns the content for a path, or null if there is none. Never blocks. */
    public @Nullable String find(String path) {
        return path.startsWith(PATH) ? authorizations.get(path.substring(PATH.length())) : null;
    }
}
