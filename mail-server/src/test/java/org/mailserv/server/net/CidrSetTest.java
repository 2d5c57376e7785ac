package org.mailserv.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidrSetTest {
    private static InetAddress address(String text) throws UnknownHostException {
        // Not by name: Java itself turns a mapped address into IPv4, and the octets of a socket do not pass there.
        return InetAddress.getByAddress(NetUtil.createByteArrayFromIpAddressString(text));
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.0/24, 192.0.2.255, 192.0.3.0",
        "192.0.2.128/25, 192.0.2.128, 192.0.2.127",
        "192.0.2.1, 192.0.2.1, 192.0.2.2",
        "0.0.0.0/0, 203.0.113.9, 2001:db8::1",
        "::/0, 2001:db8::1, 192.0.2.1",
        "2001:db8::/33, 2001:db8:7fff::1, 2001:db8:8000::1",
        "::1, ::1, ::2",
        "127.0.0.1/8, 127.9.9.9, 128.0.0.1",
        "10.0.0.0/8, ::ffff:10.1.2.3, ::ffff:11.1.2.3",
        "::ffff:192.0.2.0/120, 192.0.2.7, 192.0.3.7",
        "::ffff:192.0.2.1, 192.0.2.1, 192.0.2.2",
    })
    void matchesWhatIsInside(String network, String inside, String outside) throws UnknownHostException {
        CidrSet set = CidrSet.parse(List.of(network));
        assertTrue(set.contains(address(inside)), inside);
        assertFalse(set.contains(address(outside)), outside);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "mail.example",
                "192.0.2.0/33",
                "192.0.2.0/-1",
                "192.0.2.0/+8",
                "192.0.2/24",
                "::/129",
                "1.2.3.4/8/9",
                "::ffff:1.2.3.4/90"
            })
    void refusesWhatIsNone(String text) {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> CidrSet.parse(List.of("::1", text)));
        assertTrue(e.getMessage().contains("\"" + text + "\""), e.getMessage());
    }

    @Test
    void noneContainsNothing() throws UnknownHostException {
        assertTrue(CidrSet.parse(List.of()).isEmpty());
        assertFalse(CidrSet.NONE.contains(address("127.0.0.1")));
        assertEquals(address("192.0.2.1"), CidrSet.unmapped(address("192.0.2.1")));
    }
}
