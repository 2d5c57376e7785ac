package org.mailserv.server.spool;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a message came to us; kept with it and named in its {@code Received} field and in a bounce.
 *
 * @param time when its transaction ended
 * @param protocol the "with" keyword of RFC 3848: SMTP, ESMTP, ESMTPS, ESMTPA, ESMTPSA, UTF8SMTP..., LMTP, or "local" for what was
 *     made here (pickup, sendmail, bounce)
 * @param clientAddress the client's address, {@code 192.0.2.1} or {@code 2001:db8::1}; null for what was made here
 * @param clientName its name, found by PTR and confirmed forward, or null
 * @param helo its HELO or EHLO argument, or null
 * @param tls protocol and cipher, {@code TLSv1.3 TLS_AES_128_GCM_SHA256}, or null without TLS
 * @param account the account it logged in to, or null
 */
public record Arrival(
        Instant time,
        String protocol,
        @Nullable String clientAddress,
        @Nullable String clientName,
        @Nullable String helo,
        @Nullable String tls,
        @Nullable String account) {

    /** For messages that this server made itself. */
    public static Arrival local(Instant time) {
        return new Arrival(time, "local", null, null, null, null, null);
    }
}
