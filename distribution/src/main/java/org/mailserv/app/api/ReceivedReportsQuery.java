package org.mailserv.app.api;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Selects reports that other servers have sent.
 *
 * @param domain the local domain that they are about; null for all
 * @param address the local address whose mailbox receives them; null for the postmasters of all domains
 * @param days the number of days to look back, at most 400; null for 30
 */
public record ReceivedReportsQuery(
        @Nullable String domain,
        @Nullable String address,
        @Nullable Integer days) implements DomainRequest {
    @Override
    public List<String> concernedDomains() {
        List<String> all = new ArrayList<>(OwnDomain.ofQuery(domain));
        if (address != null) {
            all.add(OwnDomain.of(address));
        }
        return all;
    }
}
