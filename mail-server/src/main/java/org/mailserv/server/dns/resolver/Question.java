package org.mailserv.server.dns.resolver;

import io.netty.handler.codec.dns.DnsRecordType;

/** @param name in lower case, ASCII, without a dot at the end */
record Question(String name, DnsRecordType type) {
    @Override
    public String toString() {
        return name + " " + type.name();
    }
}
