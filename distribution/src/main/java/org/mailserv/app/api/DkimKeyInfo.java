package org.mailserv.app.api;

import java.time.Instant;

/**
 * A DKIM key of a domain.
 *
 * @param algorithm {@code rsa} or {@code ed25519}
 * @param activeFrom the time from which it signs; of a waiting key the earliest one
 * @param name the owner of its TXT record
 */
public record DkimKeyInfo(String selector, String algorithm, State state, Instant activeFrom, String name) {
    /** States of a key. */
    public enum State {
        /** It signs when its record is published, which the server looks for every five minutes. */
        WAITING,
        /** It signs from a later time on. */
        SCHEDULED,
        SIGNING,
        /** A newer key signs. The record is still needed for mail that was signed before. */
        REPLACED
    }
}
