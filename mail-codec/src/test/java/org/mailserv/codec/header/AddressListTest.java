package org.mailserv.codec.header;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AddressListTest {
    private static List<String> parse(String value) {
        return AddressList.parse(value, "here.test").stream()
                .map(Object::toString)
                .collect(Collectors.toList());
    }

    @Test
    @DisplayName("Recipients are parsed in all forms of RFC 5322, including obsolete ones")
    void reads() {
        assertThat(parse("Ann <ann@d.test (home)>, root, \"b c\"@e.test"))
                .containsExactly("ann@d.test", "root@here.test", "\"b c\"@e.test");
        assertThat(parse("<ann @ d . test>")).containsExactly("ann@d.test");
        assertThat(parse("Team: ann@d.test, bob@e.test; cy@f.test"))
                .containsExactly("ann@d.test", "bob@e.test", "cy@f.test");
        assertThat(parse("<@a.test,@b.test:ann@d.test>")).containsExactly("ann@d.test");
        assertThat(parse("<root>, ann@[192.0.2.1]")).containsExactly("root@here.test", "ann@[192.0.2.1]");
        assertThat(parse("undisclosed-recipients:;")).isEmpty();
        assertThat(parse("\"Doe, Ann\" <ann@d.test> (x, y@z.test)")).containsExactly("ann@d.test");
    }

    @Test
    @DisplayName("Ambiguous addresses and bare words are omitted")
    void leavesOut() {
        assertThat(parse("ann@d.test@e.test")).isEmpty();
        assertThat(parse("John Smith")).isEmpty();
        assertThat(parse("<>, \"\"")).isEmpty();
        assertThat(parse("a@-b-.test")).isEmpty();
        assertThat(AddressList.parse("root", "")).isEmpty();
    }
}
