package org.mailserv.pop3;

import java.util.ArrayList;
import java.util.List;

/** The CAPA response: the capabilities that are available in the session's current state. RFC 2449, 5 and 6. */
final class Capabilities {
    private Capabilities() {}

    static List<String> of(
            Pop3Config config, Pop3State state, boolean startTls, boolean passwordLogin, List<String> mechanisms) {
        List<String> lines = new ArrayList<>();
        lines.add("TOP");
        lines.add("UIDL");
        lines.add("RESP-CODES");
        lines.add("AUTH-RESP-CODE");
        lines.add("PIPELINING");
        lines.add("UTF8" + (passwordLogin ? " USER" : ""));
        lines.add("LANG");
        lines.add("EXPIRE NEVER");
        if (passwordLogin) {
            lines.add("USER");
        }
        if (!mechanisms.isEmpty()) {
            lines.add("SASL " + String.join(" ", mechanisms));
        }
        if (startTls && state == Pop3State.AUTHORIZATION) {
            lines.add("STLS");
        }
        if (!config.loginDelay().isZero()) {
            lines.add("LOGIN-DELAY " + config.loginDelay().toSeconds());
        }
        // RFC 2449, 6.9: announced only after login, so that unknown clients do not learn which implementation to
        // attack.
        if (!config.implementation().isEmpty() && state == Pop3State.TRANSACTION) {
            lines.add("IMPLEMENTATION " + config.implementation());
        }
        return lines;
    }
}
