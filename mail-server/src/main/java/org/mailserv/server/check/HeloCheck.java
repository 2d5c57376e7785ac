package org.mailserv.server.check;

import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.codec.smtp.SmtpReply;

/** Refuses HELO names that no server can have: a name without a dot that is no address literal, or this server's own. RFC 5321, 4.1.1.1. */
public final class HeloCheck implements Check {
    private static final SmtpReply OWN_NAME = SmtpReply.of(550, "5.7.1", "HELO name is this server's own name");
    private static final SmtpReply NO_HOST_NAME = SmtpReply.of(
            550, "5.7.1", "HELO name is not a host name (expected: a fully qualified name or an address literal)");

    private final String hostname;

    /** @param hostname the name of this server */
    public HeloCheck(String hostname) {
        this.hostname = hostname;
    }

    @Override
    public @Nullable SmtpReply helo(CheckedClient client, String name) {
        if (client.mayRelay()) {
            return null;
        } else if (DomainNames.same(name, hostname)) {
            return OWN_NAME;
        }
        return name.indexOf('.') < 0 && !name.startsWith("[") ? NO_HOST_NAME : null;
    }
}
