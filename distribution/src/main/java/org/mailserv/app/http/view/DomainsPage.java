package org.mailserv.app.http.view;

import java.util.List;
import org.mailserv.app.api.DomainInfo;

/**
 * The local domains.
 *
 * @param mayAdd whether the person may add one
 */
public record DomainsPage(Layout layout, List<DomainInfo> domains, boolean mayAdd) {}
