package org.mailserv.server.sasl;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The mechanisms that are offered. Any thread. */
public interface Sasl {
    /**
     * Names in upper case, the best first.
     *
     * @param plaintextAllowed whether mechanisms that show the password may be used
     * @param bound whether there is a channel to bind to
     */
    List<String> names(boolean plaintextAllowed, boolean bound);

    /**
     * Begins an exchange with one of the names.
     *
     * @param binding of the TLS channel, or null without one
     */
    SaslExchange begin(String mechanism, @Nullable ChannelBinding binding);
}
