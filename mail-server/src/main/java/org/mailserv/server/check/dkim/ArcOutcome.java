package org.mailserv.server.check.dkim;

/**
 * The outcome of validating the ARC chain of a message.
 *
 * @param result the status of the chain
 * @param reason a short explanation for people, or an empty string
 * @param sets the number of ARC sets in the chain
 */
public record ArcOutcome(ArcResult result, String reason, int sets) {
    /** The outcome for a message without a chain. */
    public static final ArcOutcome NONE = new ArcOutcome(ArcResult.NONE, "", 0);
}
