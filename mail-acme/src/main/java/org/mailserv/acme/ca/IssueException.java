package org.mailserv.acme.ca;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The failure of an order. The message says what happened, and the remedy what an operator can do. Both are for people. */
public final class IssueException extends Exception {
    private static final long serialVersionUID = 1;

    private final String remedy;
    private final @Nullable Instant notBefore;

    public IssueException(String problem, String remedy) {
        this(problem, remedy, null, null);
    }

    /** @param notBefore time before which the CA does not want another attempt; null if it did not say */
    public IssueException(String problem, String remedy, @Nullable Instant notBefore, @Nullable Throwable cause) {
        super(problem, cause);
        this.remedy = remedy;
        this.notBefore = notBefore;
    }

    /** Returns the problem. */
    public String problem() {
        return String.valueOf(getMessage());
    }

    public String remedy() {
        return remedy;
    }

    /** Returns the time before which the CA does not want another attempt, or null. */
    public @Nullable Instant notBefore() {
        return notBefore;
    }
}
