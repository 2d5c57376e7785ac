package org.mailserv.server.account;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Settings of an external program or web service that knows accounts missing from the configuration and the users
 * file.
 *
 * @param command program with its arguments that implements checkpassword; empty for none
 * @param url web service that is queried by POST; null for none
 * @param timeout maximum duration of a query
 * @param maxRunning maximum number of concurrent queries
 * @param maxWaiting maximum number of waiting queries; further ones fail temporarily
 * @param cacheTime time for which a correct password, or the existence of a mailbox, is cached
 */
public record HelperConfig(
        List<String> command, @Nullable URI url, Duration timeout, int maxRunning, int maxWaiting, Duration cacheTime) {
    public HelperConfig {
        command = List.copyOf(command);
        if (!command.isEmpty() && url != null) {
            throw new IllegalArgumentException("url: set beside command (expected: one of them)");
        }
        String scheme = url == null ? "http" : String.valueOf(url.getScheme());
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw new IllegalArgumentException(
                    "url: no address of a web service (expected: http://... or https://...)");
        }
        if (url != null && (url.getHost() == null || url.getPort() > 65535)) {
            throw new IllegalArgumentException("url: no host in it (expected: http://HOST:PORT/PATH)");
        }
        if (maxRunning < 1 || maxWaiting < 1) {
            throw new IllegalArgumentException("max-running, max-waiting: below 1 (expected: 1 or more)");
        }
    }

    /** Returns whether a helper is configured. */
    public boolean isSet() {
        return !command.isEmpty() || url != null;
    }
}
