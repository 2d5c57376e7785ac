package org.mailserv.app.api;

import java.util.List;

/**
 * An alias.
 *
 * @param alias {@code name@domain}, or {@code @domain} for a catch-all
 * @param targets addresses, and names in the same domain
 * @param source the place where the alias is written; one of the configuration cannot be changed by calls
 * @param problems targets that lead nowhere, one line each
 */
public record AliasInfo(String alias, List<String> targets, SettingSource source, List<String> problems)
        implements DomainItem {
    @Override
    public String ofDomain() {
        return OwnDomain.of(alias);
    }
}
