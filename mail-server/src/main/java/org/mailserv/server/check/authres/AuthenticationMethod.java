package org.mailserv.server.check.authres;

/** The methods that this server reports in Authentication-Results. RFC 8601, 2.7. */
public enum AuthenticationMethod {
    SPF("spf"),
    DKIM("dkim"),
    ARC("arc"),
    DMARC("dmarc"),
    /** The DNS lists. The method is not registered. */
    DNS_LISTS("x-dnsbl");

    private final String keyword;

    AuthenticationMethod(String keyword) {
        this.keyword = keyword;
    }

    /** Returns the keyword of the method. */
    public String keyword() {
        return keyword;
    }
}
