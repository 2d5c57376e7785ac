package org.mailserv.server.check.dkim;

/**
 * The outcome of verifying one signature.
 *
 * @param result the result of the signature
 * @param domain the signing domain ({@code d=}) in lower case; empty when no signature could be read
 * @param selector the selector ({@code s=}) in lower case; empty when no signature could be read
 * @param reason a short explanation for people, or an empty string
 */
public record DkimOutcome(DkimResult result, String domain, String selector, String reason) {
    /** Returns whether the signature is valid. */
    public boolean passed() {
        return result == DkimResult.PASS;
    }
}
