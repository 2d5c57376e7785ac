package org.mailserv.app.api;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.DomainNames;

/** The domains of addresses in requests and answers. */
final class OwnDomain {
    private OwnDomain() {}

    /** Returns the domain of an address in canonical form; a text without a domain belongs to no domain that exists. */
    static String of(@Nullable String address) {
        return address == null ? "" : DomainNames.canonical(address.substring(address.lastIndexOf('@') + 1));
    }

    /** Returns the domain of an address as a list. */
    static List<String> listOf(@Nullable String address) {
        return List.of(of(address));
    }

    /** Returns a domain that a query names; none if it names none, so that its answer is filtered. */
    static List<String> ofQuery(@Nullable String domain) {
        return domain == null ? List.of() : List.of(DomainNames.canonical(domain));
    }
}
