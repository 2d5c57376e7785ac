package org.mailserv.relay.config;

import java.time.Duration;

/**
 * How long each stage of a session may take.
 *
 * @param connect the TCP connect
 * @param greeting the server's 220; with TLS from the start or after STARTTLS, the handshake too
 * @param hello EHLO, HELO, LHLO, STARTTLS and AUTH
 * @param mail MAIL
 * @param rcpt each RCPT
 * @param dataStart DATA until its 354
 * @param dataBlock each piece of content, until the server has taken it
 * @param dataEnd the final dot, or the last BDAT, until its reply
 * @param quit RSET and QUIT
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.2">RFC 5321, 4.5.3.2</a>
 */
public record ClientTimeouts(
        Duration connect,
        Duration greeting,
        Duration hello,
        Duration mail,
        Duration rcpt,
        Duration dataStart,
        Duration dataBlock,
        Duration dataEnd,
        Duration quit) {

    /** As the RFC has them; connects, which it leaves to TCP, end after 30 seconds. */
    public static ClientTimeouts defaults() {
        return new ClientTimeouts(
                Duration.ofSeconds(30),
                Duration.ofMinutes(5),
                Duration.ofMinutes(5),
                Duration.ofMinutes(5),
                Duration.ofMinutes(5),
                Duration.ofMinutes(2),
                Duration.ofMinutes(3),
                Duration.ofMinutes(10),
                Duration.ofSeconds(30));
    }

    /** The same time for every stage. */
    public static ClientTimeouts all(Duration time) {
        return new ClientTimeouts(time, time, time, time, time, time, time, time, time);
    }
}
