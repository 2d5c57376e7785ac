package org.mailserv.server.spool;

/** The content type that the client declared. RFC 6152, RFC 3030. */
public enum BodyType {
    SEVEN_BIT("7BIT"),
    EIGHT_BIT_MIME("8BITMIME"),
    BINARY_MIME("BINARYMIME");

    private final String keyword;

    BodyType(String keyword) {
        this.keyword = keyword;
    }

    /** Returns the value of the BODY parameter. */
    public String keyword() {
        return keyword;
    }
}
