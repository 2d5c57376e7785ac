package org.mailserv.relay.smtp;

import java.util.Collections;
import java.util.List;

/**
 * How a delivery ended.
 *
 * @param mta the server, {@code mx.example.org [192.0.2.1]}
 * @param outcomes one for each recipient of the delivery, in its order
 * @param dsnPassedOn whether the server has taken over the sender's wish to be told of success. RFC 3461, 5.2.2
 */
public record DeliveryResult(String mta, List<Outcome> outcomes, boolean dsnPassedOn) {
    public DeliveryResult {
        outcomes = List.copyOf(outcomes);
    }

    /** The same for all recipients. */
    public static DeliveryResult all(String mta, int recipients, Outcome outcome) {
        return new DeliveryResult(mta, Collections.nCopies(recipients, outcome), false);
    }
}
