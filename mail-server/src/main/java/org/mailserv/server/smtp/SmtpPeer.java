package org.mailserv.server.smtp;

import org.jspecify.annotations.Nullable;

/**
 * What a session knows of its client from the start.
 *
 * @param address without the port, {@code 192.0.2.1} or {@code 2001:db8::1}
 * @param mayRelay whether it may send to other domains without logging in
 * @param name its name, found by PTR and confirmed forward, or null
 */
public record SmtpPeer(
        String address, boolean mayRelay, @Nullable String name) {}
