package org.mailserv.server.pickup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailserv.codec.address.Address;

class PickupFileTest {
    private static PickupFile read(String text) throws Exception {
        return PickupFile.read(text.getBytes(StandardCharsets.UTF_8), "d.test");
    }

    @Test
    @DisplayName("a dropped message: its mbox separator goes, bare names get the primary domain, Bcc and Resent-Bcc go")
    void message() throws Exception {
        String header = "From root Thu Jan  1 00:00:00 1970\nFrom: root (Cron)\nTo: ann\nBcc: bob\nSubject: x\n";
        PickupFile file = read(header + "\ntext\n");
        assertThat(file.sender().toString()).isEqualTo("root@d.test");
        assertThat(file.recipients()).containsExactly(new Address("ann", "d.test"), new Address("bob", "d.test"));
        assertThat(file.head()).isEqualTo("From: root@d.test (Cron)\nTo: ann@d.test\nSubject: x\n");
        assertThat(file.start()).isEqualTo(header.length());
    }

    @Test
    @DisplayName("a dropped message that is sent again goes to the recipients of its topmost Resent block")
    void resent() throws Exception {
        assertThat(read("From: a@x.test\nResent-To: bob\nResent-Bcc: zoe\nTo: ann\n\ntext\n")
                        .recipients())
                .containsExactly(new Address("bob", "d.test"), new Address("zoe", "d.test"));
    }

    @Test
    @DisplayName("a queue file with bare names is of the primary domain: sender, recipients and header")
    void sendFile() throws Exception {
        String envelope = "MAILSERV SENDER FILE\r\nroot\r\n\r\nann\r\n\r\n<END>\r\n";
        PickupFile file = read(envelope + "From: root\r\nSubject: x\r\n\r\ntext\r\n");
        assertThat(file.sender().toString()).isEqualTo("root@d.test");
        assertThat(file.recipients()).containsExactly(new Address("ann", "d.test"));
        assertThat(file.head()).isEqualTo("From: root@d.test\r\nSubject: x\r\n");
        assertThat(file.start()).isEqualTo(envelope.length() + "From: root\r\nSubject: x\r\n".length());
    }

    @Test
    @DisplayName("what stands where an address should is not passed over in silence")
    void unreadable() {
        assertThatThrownBy(() -> read("From: a@x.test\nTo: two words, ann\n\ntext\n"))
                .isInstanceOf(PickupFile.RefusedException.class)
                .hasMessageContaining("two words");
    }
}
