package org.mailserv.server.check.reputation;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The addresses that DNS lists answer with. RFC 5782, 2.1. */
class ListAnswersTest {
    @ParameterizedTest
    @CsvSource({
        "127.0.0.2, true, false",
        "127.0.0.10, true, false",
        "127.0.0.1, false, false",
        "127.255.255.252, false, true",
        "127.255.255.254, false, true",
        "127.255.255.255, false, true",
        "192.0.2.1, false, false",
        "::1, false, false",
    })
    void answers(String address, boolean listing, boolean refusal) throws UnknownHostException {
        assertThat(DnsLists.isListing(InetAddress.getByName(address))).isEqualTo(listing);
        assertThat(DnsLists.isRefusal(InetAddress.getByName(address))).isEqualTo(refusal);
    }
}
