package org.mailserv.server.check.spf;

import org.jspecify.annotations.Nullable;

/**
 * The outcome of one check.
 *
 * @param result what the policy says
 * @param identity which name was checked: {@code mailfrom}, or {@code helo} for the null reverse-path
 * @param domain the domain of that name
 * @param reason the term that decided, or what was wrong; for people
 * @param explanation what the domain's owner says to a sender that fails, printable ASCII, or null
 */
public record SpfOutcome(
        SpfResult result,
        SpfIdentity identity,
        String domain,
        String reason,
        @Nullable String explanation) {}
