package org.mailserv.server.check.spf;

import org.jspecify.annotations.Nullable;

/**
 * The outcome of one check.
 *
 * @param result the result of the policy
 * @param identity the name that was checked: {@code mailfrom}, or {@code helo} for the null reverse-path
 * @param domain the domain of that name
 * @param reason human-readable: the term that decided, or the error
 * @param explanation the domain owner's message for a sender that fails, in printable ASCII, or null
 */
public record SpfOutcome(
        SpfResult result,
        SpfIdentity identity,
        String domain,
        String reason,
        @Nullable String explanation) {}
