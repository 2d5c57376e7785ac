package org.mailserv.server.smtp;

import org.jspecify.annotations.Nullable;

/**
 * What a session knows of its client from the start, or from XCLIENT.
 *
 * @param address without the port, {@code 192.0.2.1} or {@code 2001:db8::1}
 * @param mayRelay whether it may send to other domains without logging in
 * @param plaintextAuth whether it may log in with a password without TLS
 * @param xclient whether it may say who the client is
 * @param name its name, found by PTR and confirmed forward, or null
 */
public record SmtpPeer(
        String address,
        boolean mayRelay,
        boolean plaintextAuth,
        boolean xclient,
        @Nullable String name) {

    /** A stranger or a relay client, with no other rights. */
    public static SmtpPeer of(String address, boolean mayRelay) {
        return new SmtpPeer(address, mayRelay, false, false, null);
    }
}
