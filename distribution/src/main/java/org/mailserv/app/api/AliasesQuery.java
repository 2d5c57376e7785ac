package org.mailserv.app.api;

import org.jspecify.annotations.Nullable;

/**
 * Selects aliases.
 *
 * @param domain only aliases of this domain; null for all
 */
public record AliasesQuery(@Nullable String domain) {}
