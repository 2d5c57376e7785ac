package org.mailserv.relay.config;

import java.time.Duration;

/**
 * The timeouts of the stages of a session.
 *
 * @param connect the TCP connect
 * @param greeting the server's 220; with TLS from the start or after STARTTLS, the handshake too
 * @param hello EHLO, HELO, LHLO, STARTTLS and AUTH
 * @param mail MAIL
 * @param rcpt each RCPT
 * @param dataStart the reply to DATA
 * @param dataBlock the transmission of each block of content
 * @param dataEnd the reply to the final dot or the last BDAT
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

    /** Returns the RFC's recommended timeouts, and 30 seconds for connects, which the RFC leaves to TCP. */
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

    /** Returns the same timeout for every stage. */
    public static ClientTimeouts all(Duration time) {
        return new ClientTimeouts(time, time, time, time, time, time, time, time, time);
    }
}
