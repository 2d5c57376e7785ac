package org.mailserv.app.api;

import org.jspecify.annotations.Nullable;

/**
 * Selects users.
 *
 * @param domain only users of this domain; null for all
 */
public record UsersQuery(@Nullable String domain) {}
