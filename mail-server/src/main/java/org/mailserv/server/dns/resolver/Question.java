package org.mailserv.server.dns.resolver;

import io.netty.handler.codec.dns.DnsRecordType;

/**
 * A question to the DNS.
 *
 * @param name lower-case ASCII without a trailing dot
 */
record Question(String name, DnsRecordType type) {
    @Override
    public String toString() {
        return name + " " + type.name();
    }
}
