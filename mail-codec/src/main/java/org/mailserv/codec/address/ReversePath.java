package org.mailserv.codec.address;

import org.jspecify.annotations.Nullable;

/**
 * The sender in the envelope: an address, or the null reverse-path {@code <>} of bounces. RFC 5321, 4.1.2 and 4.5.5.
 *
 * @param address the address, or null for {@code <>}
 */
public record ReversePath(@Nullable Address address) {
    /** The null reverse-path, {@code <>}. */
    public static final ReversePath NULL = new ReversePath(null);

    /** Returns whether this is the null reverse-path. */
    public boolean isNull() {
        return address == null;
    }

    /** Returns whether the path can be sent without SMTPUTF8. */
    public boolean isAscii() {
        return address == null || address.isAscii();
    }

    /** Returns the path in its wire form, without angle brackets; empty for the null reverse-path. */
    @Override
    public String toString() {
        return address == null ? "" : address.toString();
    }
}
