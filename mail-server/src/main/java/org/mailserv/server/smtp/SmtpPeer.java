package org.mailserv.server.smtp;

import org.jspecify.annotations.Nullable;

/**
 * The client of a session, as known from its address or from XCLIENT.
 *
 * @param address the address without the port, {@code 192.0.2.1} or {@code 2001:db8::1}
 * @param mayRelay true if it may send to other domains without authentication
 * @param plaintextAuth true if it may authenticate with a password without TLS
 * @param xclient true if it may use XCLIENT
 * @param name its forward-confirmed name, or null
 */
public record SmtpPeer(
        String address,
        boolean mayRelay,
        boolean plaintextAuth,
        boolean xclient,
        @Nullable String name) {

    /** Returns an unknown client or a relay client, with no other rights. */
    public static SmtpPeer of(String address, boolean mayRelay) {
        return new SmtpPeer(address, mayRelay, false, false, null);
    }
}
