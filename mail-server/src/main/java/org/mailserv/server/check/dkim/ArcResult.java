package org.mailserv.server.check.dkim;

/**
 * What became of a message's chain.
 *
 * @param result none, pass, fail or temperror. RFC 8617, 4.4
 * @param reason in words, or empty
 * @param sets in it
 */
public record ArcResult(String result, String reason, int sets) {
    static final ArcResult NONE = new ArcResult("none", "", 0);
}
