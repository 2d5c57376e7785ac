package org.mailserv.server.sasl;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.account.AccountStore;

/**
 * SCRAM-SHA-256, PLAIN and LOGIN for the server's accounts. SCRAM is offered only if every account supports it,
 * because clients that prefer SCRAM never fall back.
 */
public final class SaslMechanisms implements Sasl {
    private final AccountStore accounts;

    public SaslMechanisms(AccountStore accounts) {
        this.accounts = accounts;
    }

    @Override
    public List<String> names(boolean plaintextAllowed, boolean bound) {
        List<String> names = new ArrayList<>();
        if (accounts.supportsScram()) {
            if (bound) {
                names.add("SCRAM-SHA-256-PLUS");
            }
            names.add("SCRAM-SHA-256");
        }
        if (plaintextAllowed) {
            names.add("PLAIN");
            names.add("LOGIN");
        }
        return names;
    }

    @Override
    public SaslExchange begin(String mechanism, @Nullable ChannelBinding binding) {
        return switch (mechanism) {
            case "PLAIN" -> new PlainExchange(accounts);
            case "LOGIN" -> new LoginExchange(accounts);
            case "SCRAM-SHA-256" -> new ScramExchange(accounts, binding, false);
            case "SCRAM-SHA-256-PLUS" -> new ScramExchange(accounts, binding, true);
            default -> throw new IllegalArgumentException("mechanism: " + mechanism);
        };
    }
}
