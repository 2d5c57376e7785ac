package org.mailserv.server.sasl;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The offered SASL mechanisms. Thread-safe. */
public interface Sasl {
    /**
     * Returns the names of the available mechanisms in upper case, the most secure first.
     *
     * @param plaintextAllowed whether mechanisms that transmit the password may be used
     * @param bound whether channel binding is available
     */
    List<String> names(boolean plaintextAllowed, boolean bound);

    /**
     * Begins an exchange.
     *
     * @param mechanism one of the available names
     * @param binding binding of the TLS channel, or null
     */
    SaslExchange begin(String mechanism, @Nullable ChannelBinding binding);
}
