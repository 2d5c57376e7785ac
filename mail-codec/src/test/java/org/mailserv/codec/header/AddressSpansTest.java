package org.mailserv.codec.header;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressSpansTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "root | root@d.test",
                "root (Cron Daemon) | root@d.test (Cron Daemon)",
                "\"(Cron Daemon)\" <root> | \"(Cron Daemon)\" <root@d.test>",
                "Cron Daemon <root> | Cron Daemon <root@d.test>",
                "ann, bob@x.test,carl | ann@d.test, bob@x.test,carl@d.test",
                "team: ann, bob; | team: ann@d.test, bob@d.test;",
                "undisclosed-recipients:; | undisclosed-recipients:;",
                "<@relay.test:ann@x.test> | <@relay.test:ann@x.test>",
                "ann @ x.test | ann @ x.test",
                "\"ann b\" | \"ann b\"@d.test",
                "\"a\\\"@x\" <b> | \"a\\\"@x\" <b@d.test>",
                "two words | two words",
                "<> | <>",
                "ann@[IPv6:::1], bob | ann@[IPv6:::1], bob@d.test",
                "(only (nested) comment) ann | (only (nested) comment) ann@d.test",
                "\"unclosed <ann> | \"unclosed <ann>",
                "mailto:ann | mailto:ann@d.test",
            })
    @DisplayName(
            "Each local part without a domain gets one; display names, comments, groups, routes and literals are unchanged")
    void qualifies(String value, String qualified) {
        assertThat(AddressSpans.qualify(value, "d.test")).isEqualTo(qualified);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "Ann <ann@x.test> (home), bob@x.test (b) | ann@x.test;bob@x.test",
                "ann(comment)@x.test | ann@x.test",
                "<ann @ x . test> | ann@x.test",
                "\"Doe, Ann\" <ann@x.test>;,, bob | ann@x.test;bob",
                "two words, ann@x.test | two words;ann@x.test",
                "<@a,@b:ann@x.test> | ann@x.test",
                "ann@[192.0.2.1] | ann@[192.0.2.1]",
            })
    @DisplayName("Comments, blanks and routes are not part of an address; words that are not an address are reported")
    void finds(String value, String found) {
        assertThat(AddressSpans.find(value).stream().map(AddressSpans.Span::text))
                .containsExactly(found.split(";"));
    }
}
