package org.mailserv.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailserv.app.cli.BlockListEntry.State;
import org.mailserv.server.testing.FakeDns;

class BlockListEntryTest {
    private static final String LIST = "bl.test";
    private static final String ENTRY = "7.2.0.192.bl.test";
    private static final String OWN_TEST = "2.0.0.127.bl.test";

    private final FakeDns dns = new FakeDns();

    private BlockListEntry find() throws Exception {
        return BlockListEntry.find(InetAddress.getByName("192.0.2.7"), LIST, dns);
    }

    @Test
    void aListThatKnowsItsTestEntryProvesThatAnAddressIsNotListed() throws Exception {
        dns.withAddress(OWN_TEST, "127.0.0.2");
        assertThat(find()).isEqualTo(new BlockListEntry(State.NOT_LISTED, "not listed"));
    }

    @Test
    void anEntryIsAnEntry() throws Exception {
        dns.withAddress(ENTRY, "127.0.0.4");
        assertThat(find().state()).isEqualTo(State.LISTED);
    }

    @Test
    @DisplayName(
            "a resolver that refuses, an error code, an answer that is no code, and a list without its test entry prove nothing")
    void provesNothing() throws Exception {
        assertThat(find().state()).isEqualTo(State.UNKNOWN);
        assertThat(find().text()).contains("not even its own test entry");
        dns.withAddress(ENTRY, "127.255.255.254");
        assertThat(find().state()).isEqualTo(State.UNKNOWN);
        assertThat(find().text()).contains("public resolver");
        assertThat(BlockListEntry.find(
                                InetAddress.getByName("192.0.2.8"), LIST, new FakeDns().failing("8.2.0.192.bl.test"))
                        .state())
                .isEqualTo(State.UNKNOWN);
        assertThat(BlockListEntry.find(
                                InetAddress.getByName("192.0.2.8"),
                                LIST,
                                new FakeDns().withAddress("8.2.0.192.bl.test", "203.0.113.1"))
                        .state())
                .isEqualTo(State.UNKNOWN);
    }
}
