package org.mailserv.codec.address;

import org.jspecify.annotations.Nullable;

/**
 * The sender of the envelope: an address, or the null reverse-path {@code <>} of bounces. RFC 5321, 4.1.2 and 4.5.5.
 *
 * @param address the address, or null for {@code <>}
 */
public record ReversePath(@Nullable Address address) {
    /** {@code <>}. */
    public static final ReversePath NULL = new ReversePath(null);

    /** Returns whether this is {@code <>}. */
    public boolean isNull() {
        return address == null;
    }

    /** Returns whether the path can be sent without SMTPUTF8. */
    public boolean isAscii() {
        return address == null || address.isAscii();
    }

    /** Returns the path as it goes on the wire, without angle brackets; empty for the null reverse-path. */
    @Override
    public String toString() {
        return address == null ? "" : address.toString();
    }
}
