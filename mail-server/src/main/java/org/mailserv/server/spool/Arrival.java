package org.mailserv.server.spool;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The way in which a message arrived. It is kept with the message, and appears in its {@code Received} field and in bounces.
 *
 * @param time the end of its transaction
 * @param protocol the "with" keyword of RFC 3848: SMTP, ESMTP, ESMTPS, ESMTPA, ESMTPSA, UTF8SMTP..., LMTP, or "local" for messages of this
 *     server (pickup, sendmail, bounces)
 * @param clientAddress the client's address, {@code 192.0.2.1} or {@code 2001:db8::1}; null for messages of this server
 * @param clientName its forward-confirmed name, or null
 * @param helo its HELO or EHLO argument, or null
 * @param tls protocol and cipher, {@code TLSv1.3 TLS_AES_128_GCM_SHA256}, or null without TLS
 * @param account the account that it logged in to, or null
 */
public record Arrival(
        Instant time,
        String protocol,
        @Nullable String clientAddress,
        @Nullable String clientName,
        @Nullable String helo,
        @Nullable String tls,
        @Nullable String account) {

    /** Returns the arrival of a message that this server created. */
    public static Arrival local(Instant time) {
        return new Arrival(time, "local", null, null, null, null, null);
    }
}
