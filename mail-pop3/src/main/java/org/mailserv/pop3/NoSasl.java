package org.mailserv.pop3;

import java.util.List;

/** Offers no mechanism: USER and PASS are what there is. */
public final class NoSasl implements Pop3Sasl.Mechanisms {
    @Override
    public List<String> names(boolean plaintextAllowed) {
        return List.of();
    }

    @Override
    public Pop3Sasl begin(String mechanism) {
        throw new IllegalArgumentException("mechanism: " + mechanism + " (expected: none)");
    }
}
