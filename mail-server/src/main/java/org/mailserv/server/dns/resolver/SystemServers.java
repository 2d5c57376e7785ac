package org.mailserv.server.dns.resolver;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The name servers of this machine, as resolv.conf has them. Blocks a moment: for the start. */
final class SystemServers {
    private static final Logger LOG = LoggerFactory.getLogger(SystemServers.class);

    private SystemServers() {}

    /** In their order; the one on this machine where the file names none, as resolv.conf(5) has it. */
    static List<InetSocketAddress> read(Path file) {
        List<InetSocketAddress> servers = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
                String[] words = line.strip().split("\\s+");
                if (words.length >= 2 && words[0].equals("nameserver")) {
                    add(servers, words[1]);
                }
            }
        } catch (IOException e) {
            LOG.info("event=resolv-conf-unreadable file={} reason=\"{}\"", file, e.toString());
        }
        return servers.isEmpty() ? List.of(DnsConfig.parse("127.0.0.1")) : servers;
    }

    private static void add(List<InetSocketAddress> servers, String address) {
        int scope = address.indexOf('%');
        try {
            servers.add(DnsConfig.parse(scope < 0 ? address : address.substring(0, scope)));
        } catch (IllegalArgumentException e) {
            LOG.warn("event=nameserver-ignored reason=\"{}\"", e.getMessage());
        }
    }
}
