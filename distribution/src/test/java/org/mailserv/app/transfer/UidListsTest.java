package org.mailserv.app.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UidListsTest {
    @TempDir
    Path maildir;

    private UidLists.Known find(String file, String text, String unique) throws IOException {
        Files.writeString(maildir.resolve(file), text);
        return UidLists.read(maildir, UidLists.DOVECOT_FORMAT).find(unique);
    }

    @Test
    @DisplayName("Dovecot's lists of both versions, with fields, sizes in names and damaged lines")
    void readsDovecot() throws IOException {
        String list = "3 V1795763089 N8 G6d05e622912b096b0b45000083ecc375\n"
                + "1 W34 :1600000001.M1P1.host,S=30\nxx\n3 W21 S20 PUID-x O9 :160.x\n4\n: \n5 :y:2,S\n";
        assertThat(find("dovecot-uidlist", list, "1600000001.M1P1.host,S=30"))
                .isEqualTo(new UidLists.Known(1, "000000016b092b91"));
        assertThat(find("dovecot-uidlist", list, "1600000001.M1P1.host,S=30,W=34"))
                .isEqualTo(new UidLists.Known(1, "000000016b092b91"));
        assertThat(find("dovecot-uidlist", list, "160.x")).isEqualTo(new UidLists.Known(9, "UID-x"));
        assertThat(find("dovecot-uidlist", list, "y")).isEqualTo(new UidLists.Known(5, "000000056b092b91"));
        assertThat(find("dovecot-uidlist", list, "unknown")).isNull();
        assertThat(find("dovecot-uidlist", "1 255 9\n16 160.x\n", "160.x"))
                .isEqualTo(new UidLists.Known(16, "00000010000000ff"));
        assertThat(find("dovecot-uidlist", "", "160.x")).isNull();
    }

    @Test
    @DisplayName("Courier's lists, with the name where it has no number")
    void readsCourier() throws IOException {
        String list = "/3 9 1133551834\n1133.M1.host,S=5 77 4:1133551834:0\n1134.M1.host 77 0:0\n";
        assertThat(find("courierpop3dsizelist", list, "1133.M1.host,S=5"))
                .isEqualTo(new UidLists.Known(1, "UID4-1133551834"));
        assertThat(find("courierpop3dsizelist", list, "1134.M1.host")).isEqualTo(new UidLists.Known(2, "1134.M1.host"));
    }

    @ParameterizedTest
    @CsvSource({
        "%08Xu%08Xv, 0000000a6b092b91",
        "%u.%v, 10.1795763089",
        "UID%u-%v, UID10-1795763089",
        "%v-%u%%, 1795763089-10%",
        "%f, name",
        "%g, guid",
        "%4u, '  10'"
    })
    @DisplayName("formats of pop3_uidl_format")
    void formats(String format, String expected) {
        assertThat(UidLists.isFormat(format)).isTrue();
        assertThat(UidLists.formatted(format, 10, 1795763089, "name", "guid")).isEqualTo(expected);
        assertThat(UidLists.isFormat("%m")).isFalse();
        assertThat(UidLists.isFormat("plain")).isFalse();
    }
}
