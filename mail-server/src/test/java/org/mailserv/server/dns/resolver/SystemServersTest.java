package org.mailserv.server.dns.resolver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class SystemServersTest {
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @TempDir
    Path folder;

    @BeforeEach
    void listen() {
        log.start();
        ((Logger) LoggerFactory.getLogger(SystemServers.class)).addAppender(log);
    }

    @AfterEach
    void stop() {
        ((Logger) LoggerFactory.getLogger(SystemServers.class)).detachAppender(log);
    }

    private List<String> read(String text) throws IOException {
        return SystemServers.read(Files.writeString(folder.resolve("resolv.conf"), text)).stream()
                .map(server -> server.getAddress().getHostAddress() + " " + server.getPort())
                .toList();
    }

    private String logged() {
        return String.join(
                "\n", log.list.stream().map(ILoggingEvent::getFormattedMessage).toList());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "search example.org\noptions edns0 trust-ad\n",
                "# nameserver 192.0.2.1\n",
                "nameserver\n",
                "nameserver x\n"
            })
    void a_file_without_servers_means_the_one_on_this_machine(String text) throws IOException {
        assertThat(read(text)).containsExactly("127.0.0.1 53");
        assertThat(logged()).contains("no-name-servers", "resolv.conf", "used=127.0.0.1");
    }

    @Test
    void a_file_that_is_missing_or_unreadable_means_the_same() {
        assertThat(SystemServers.read(folder.resolve("missing"))).hasSize(1);
        assertThat(logged()).contains("no such file");
        log.list.clear();
        assertThat(SystemServers.read(folder)).hasSize(1);
        assertThat(logged()).contains("cannot be read");
    }

    @Test
    void servers_come_in_their_order_whatever_stands_around_them() throws IOException {
        assertThat(read(
                        "; made by dhcp\r\n\tnameserver  192.0.2.2 # first\r\nsearch a.test\nnameserver 2001:db8::1\noptions timeout:1\n"
                                + "nameserver 192.0.2.300\n"))
                .containsExactly("192.0.2.2 53", "2001:db8:0:0:0:0:0:1 53");
        assertThat(logged()).contains("192.0.2.300").doesNotContain("no-name-servers");
    }

    @Test
    void a_link_local_server_keeps_its_interface() throws Exception {
        NetworkInterface loopback = NetworkInterface.networkInterfaces()
                .filter(SystemServersTest::isLoopback)
                .findFirst()
                .orElseThrow();
        for (String zone : List.of(loopback.getName(), String.valueOf(loopback.getIndex()))) {
            InetSocketAddress server = DnsConfig.parse("[fe80::1%" + zone + "]:5353");
            assertThat(((Inet6Address) server.getAddress()).getScopeId()).isEqualTo(loopback.getIndex());
            assertThat(server.getPort()).isEqualTo(5353);
        }
        assertThatThrownBy(() -> DnsConfig.parse("fe80::1%nowhere9")).hasMessageContaining("no network interface");
    }

    private static boolean isLoopback(NetworkInterface each) {
        try {
            return each.isLoopback();
        } catch (IOException e) {
            return false;
        }
    }
}
