package org.mailserv.server.check;

import java.util.LinkedHashMap;
import java.util.Map;
import org.mailserv.server.check.authres.AuthenticationMethod;
import org.mailserv.server.check.authres.ResultKeyword;

/**
 * One result in an Authentication-Results field. RFC 8601, 2.2.
 *
 * @param reason a short explanation, or an empty string
 * @param properties the properties that were checked, in order; those with an empty value are left out
 */
public record AuthenticationResult(
        AuthenticationMethod method, ResultKeyword result, String reason, Map<String, String> properties) {
    /** Returns a result without properties. */
    public static AuthenticationResult of(AuthenticationMethod method, ResultKeyword result, String reason) {
        return new AuthenticationResult(method, result, reason, Map.of());
    }

    /** Returns this result with one more property. */
    public AuthenticationResult with(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(properties);
        more.put(name, value);
        return new AuthenticationResult(method, result, reason, more);
    }
}
