package org.mailserv.app.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A local domain.
 *
 * @param domain the name with A-labels
 * @param source the place where the domain is written; one of the configuration cannot be removed by calls
 * @param primary whether it is the primary domain
 * @param routed whether mail for its mailboxes goes to another server
 * @param users number of its users
 * @param aliases number of its aliases
 * @param catchAll the recipient for unknown names; null if they are refused
 * @param selectors the selectors of its DKIM keys
 * @param keys its DKIM keys, oldest first
 * @param records the DNS records to publish; empty in a list of domains
 */
public record DomainInfo(
        String domain,
        SettingSource source,
        boolean primary,
        boolean routed,
        int users,
        int aliases,
        @Nullable String catchAll,
        List<String> selectors,
        List<DkimKeyInfo> keys,
        List<DnsRecordInfo> records)
        implements DomainItem {
    @Override
    public String ofDomain() {
        return domain;
    }
}
