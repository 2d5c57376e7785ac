package org.mailserv.server.dns.resolver;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the system's name servers from resolv.conf. Blocks briefly; called at start-up. */
final class SystemServers {
    private static final Logger LOG = LoggerFactory.getLogger(SystemServers.class);
    private static final String LOCAL = "127.0.0.1";

    private SystemServers() {}

    /**
     * Returns the servers in order, or the local host if the file names no usable one, as specified by
     * resolv.conf(5). Other lines and options are ignored; {@code dns.timeout}, {@code dns.rounds} and {@code
     * dns.trusted} replace them.
     */
    static List<InetSocketAddress> read(Path file) {
        List<InetSocketAddress> servers = new ArrayList<>();
        String reason = "no nameserver line that can be used";
        try {
            for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
                String[] words = line.strip().split("\\s+");
                if (words.length >= 2 && words[0].equals("nameserver")) {
                    add(servers, words[1], file);
                }
            }
        } catch (NoSuchFileException e) {
            reason = "no such file";
        } catch (IOException e) {
            reason = "cannot be read: " + e;
        }
        if (servers.isEmpty()) {
            LOG.warn(
                    "event=no-name-servers file={} reason=\"{}\" used={} hint=\"Mail to other servers waits unless a"
                            + " name server runs on this machine. Set dns.servers, or add nameserver lines to the file and"
                            + " restart.\"",
                    file,
                    reason,
                    LOCAL);
            return List.of(DnsConfig.parse(LOCAL));
        }
        return servers;
    }

    private static void add(List<InetSocketAddress> servers, String address, Path file) {
        try {
            servers.add(DnsConfig.parse(address));
        } catch (IllegalArgumentException e) {
            LOG.warn("event=nameserver-ignored file={} reason=\"{}\"", file, Failures.text(e));
        }
    }
}
