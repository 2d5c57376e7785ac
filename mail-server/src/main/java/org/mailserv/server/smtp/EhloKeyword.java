package org.mailserv.server.smtp;

import org.jspecify.annotations.Nullable;

/** A line of the reply to EHLO and LHLO. RFC 5321, 4.1.1.1. */
interface EhloKeyword {
    /** Returns the line, for instance {@code "SIZE 52428800"}, or null while the client cannot use what it announces. */
    @Nullable
    String line(SessionContext session);
}
