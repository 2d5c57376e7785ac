package org.mailserv.server.mailbox.maildir;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.server.spool.QueueId;

class MaildirNameTest {
    private static final QueueId ID = QueueId.parse("0123456789abcdef");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "000000016b092b91",
                "UID12-1600000000",
                "1600000001.M1P1.host,S=30",
                "a:b/c%d,U=e",
                "!\"~<>\\",
                "%"
            })
    @DisplayName("a unique id of another server is kept in the file's name, whatever POP3 allows in it")
    void keepsAnotherId(String uid) {
        String unique = MaildirName.withUid(ID, uid);
        assertThat(unique).matches("[0-9A-Za-z._=+@%,-]+");
        assertThat(MaildirName.uid(unique)).isEqualTo(uid);
        assertThat(MaildirName.uid(unique + ":2,RS")).isEqualTo(uid);
        assertThat(MaildirName.id(MaildirName.unique(unique + ":2,"))).isEqualTo(ID.toString());
    }

    @Test
    @DisplayName("names of our own and of other programs are their unique ids, as they were")
    void isItsName() {
        assertThat(MaildirName.uid("0123456789abcdef:2,S")).isEqualTo("0123456789abcdef");
        assertThat(MaildirName.uid("1600000001.M1P1.host,S=30,W=31:2,")).isEqualTo("1600000001.M1P1.host,S=30,W=31");
        assertThat(MaildirName.uid("short,U=x")).isEqualTo("short,U=x");
        assertThat(MaildirName.uid("0123456789abcdef,U=%zz")).isEqualTo("0123456789abcdef,U=%zz");
        // What POP3 cannot say is a hash, and differs where the octets do.
        assertThat(MaildirName.uid("with blank")).matches("[0-9a-f]{40}");
        assertThat(MaildirName.uid("\udc80")).isNotEqualTo(MaildirName.uid("\udc81"));
    }
}
