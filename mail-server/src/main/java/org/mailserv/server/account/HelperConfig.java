package org.mailserv.server.account;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A program or web service that knows accounts which neither the configuration nor the users file has.
 *
 * @param command program with its arguments, which speaks checkpassword; empty for none
 * @param url web service that is asked by POST; null for none
 * @param timeout most time of one question
 * @param maxRunning most questions at once
 * @param maxWaiting most that wait besides; more are answered with a temporary error
 * @param cacheTime how long an answer is taken for true: a password that was right, a mailbox that is there or not
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

    /** Whether there is anybody to be asked. */
    public boolean isSet() {
        return !command.isEmpty() || url != null;
    }
}
