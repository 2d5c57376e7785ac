package org.mailserv.acme.ca;

import java.time.Instant;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** An order that failed because of some of its names. */
final class NamesRefusedException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Map<String, String> refused;
    private final boolean aboutReplacement;
    private final @Nullable Instant notBefore;

    /** @param refused the names with reasons, at least one */
    NamesRefusedException(Map<String, String> refused, @Nullable Instant notBefore) {
        this(refused, false, notBefore);
    }

    private NamesRefusedException(Map<String, String> refused, boolean aboutReplacement, @Nullable Instant notBefore) {
        super(refused.toString());
        this.refused = Map.copyOf(refused);
        this.aboutReplacement = aboutReplacement;
        this.notBefore = notBefore;
    }

    /** Creates the failure of an order that names a certificate which the CA does not want to see replaced. RFC 9773, 5. */
    static NamesRefusedException replacement() {
        return new NamesRefusedException(Map.of(), true, null);
    }

    Map<String, String> refused() {
        return refused;
    }

    boolean isAboutReplacement() {
        return aboutReplacement;
    }

    @Nullable
    Instant notBefore() {
        return notBefore;
    }

    String summary() {
        return refused.entrySet().stream()
                .map(entry -> entry.getKey() + ": " + entry.getValue())
                .collect(Collectors.joining("; "));
    }
}
