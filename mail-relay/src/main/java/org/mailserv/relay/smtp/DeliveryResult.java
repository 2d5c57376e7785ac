package org.mailserv.relay.smtp;

import java.util.Collections;
import java.util.List;

/**
 * The result of a delivery.
 *
 * @param mta the server, {@code mx.example.org [192.0.2.1]}
 * @param outcomes one outcome for each recipient of the delivery, in the same order
 * @param dsnPassedOn whether the server has taken over the responsibility for success notices. RFC 3461, 5.2.2
 */
public record DeliveryResult(String mta, List<Outcome> outcomes, boolean dsnPassedOn) {
    public DeliveryResult {
        outcomes = List.copyOf(outcomes);
    }

    /** Returns a result with the same outcome for all recipients. */
    public static DeliveryResult all(String mta, int recipients, Outcome outcome) {
        return new DeliveryResult(mta, Collections.nCopies(recipients, outcome), false);
    }
}
