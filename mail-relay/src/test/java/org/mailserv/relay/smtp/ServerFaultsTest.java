package org.mailserv.relay.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.mailserv.relay.smtp.ServerFaults.Fault;

class ServerFaultsTest {
    private final AtomicLong now = new AtomicLong();
    private final ServerFaults faults = new ServerFaults(now::get);

    private static InetSocketAddress server(int port) {
        return new InetSocketAddress("127.0.0.1", port);
    }

    @Test
    void faultsAreForgottenAfterAWhile() {
        faults.learn(server(25), Fault.CHUNKING, "why");
        now.set(ServerFaults.MEMORY_MILLIS - 1);
        assertThat(faults.has(server(25), Fault.CHUNKING)).isTrue();
        assertThat(faults.has(server(25), Fault.PIPELINING)).isFalse();
        assertThat(faults.has(server(26), Fault.CHUNKING)).isFalse();
        now.set(ServerFaults.MEMORY_MILLIS);
        assertThat(faults.has(server(25), Fault.CHUNKING)).isFalse();
        assertThat(faults.size()).isZero();
    }

    @Test
    void theOldestMakesRoom() {
        for (int port = 1; port <= ServerFaults.CAPACITY + 10; port++) {
            faults.learn(server(port), Fault.PIPELINING, "why");
        }
        assertThat(faults.size()).isEqualTo(ServerFaults.CAPACITY);
        assertThat(faults.has(server(10), Fault.PIPELINING)).isFalse();
        assertThat(faults.has(server(11), Fault.PIPELINING)).isTrue();
    }
}
