package org.mailserv.server.check.authres;

/** A result of a method of authentication, as Authentication-Results names it. RFC 8601, 2.7. Implemented by enums. */
public interface ResultKeyword {
    /** Returns the keyword in lower case. */
    String word();
}
