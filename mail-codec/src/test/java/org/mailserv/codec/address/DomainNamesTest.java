package org.mailserv.codec.address;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DomainNamesTest {
    @ParameterizedTest
    @DisplayName("Domains are converted by IDNA2008 (UTS 46, non-transitional), never to another owner's domain")
    @CsvSource({
        "straße.test, xn--strae-oqa.test",
        "STRAẞE.TEST, xn--strae-oqa.test",
        "faß.de, xn--fa-hia.de",
        "σοφός.test, xn--0xagbn4a.test",
        "क्\u200dष.test, xn--11b2ezcw70k.test",
        "نامه\u200cای.test, xn--mgba3gch31f060k.test",
        "İ.test, xn--i-9bb.test",
        "\uD83D\uDE00.test, xn--e28h.test"
    })
    void convertsByIdna2008(String name, String ascii) {
        assertThat(DomainNames.toAscii(name)).isEqualTo(ascii);
    }

    @ParameterizedTest
    @DisplayName("All forms of a domain are equal: A-labels in any case, U-labels, decomposed, full-width, other dots")
    @ValueSource(
            strings = {
                "bücher.example",
                "BÜCHER.Example",
                "bu\u0308cher.example",
                "xn--bcher-kva.example",
                "XN--BCHER-KVA.EXAMPLE",
                "ｂücher．ｅｘａｍｐｌｅ",
                "bücher\u3002example",
                "bücher\uFF61example",
                "bücher.example.",
                "xn--bcher-kva.example.",
                "bü\u00ADcher.example"
            })
    void knowsAllForms(String form) {
        assertThat(DomainNames.toAscii(form)).isEqualTo("xn--bcher-kva.example");
        assertThat(DomainNames.same(form, "bücher.example")).isTrue();
        assertThat(DomainNames.toUnicode(String.valueOf(DomainNames.toAscii(form))))
                .isEqualTo("bücher.example");
    }

    @ParameterizedTest
    @DisplayName(
            "Invalid domain names are rejected: bad A-labels, misplaced joiners, unassigned characters, bidi violations, symbols")
    @ValueSource(
            strings = {
                "",
                ".",
                "xn--",
                "xn--.example",
                "xn--a.example",
                "xn--zzzzz99999.example",
                "xn--ab-.example",
                "xn--bücher.example",
                "a\u200Db.example",
                "a\u200Cb.example",
                "\u0378.example",
                "\uD800.example",
                "\u0301a.example",
                "1אב.example",
                "\u00AD.example",
                "ü..example",
                "ü.a＠b.example",
                "ü\u2100.example",
                "．．／ü.example",
                "［ü］",
                "ü\u00A0a.example",
                "a..b"
            })
    void refuses(String name) {
        assertThat(DomainNames.toAscii(name)).isNull();
    }

    @Test
    @DisplayName("Overlong labels and names are rejected in their ASCII form")
    void boundsLengths() {
        assertThat(DomainNames.toAscii("x".repeat(63) + ".example")).isNotNull();
        assertThat(DomainNames.toAscii("x".repeat(64) + ".example")).isNull();
        assertThat(DomainNames.toAscii("ü".repeat(70) + ".example")).isNull();
        assertThat(DomainNames.toAscii("ü".repeat(40) + ".example")).isNotNull();
        assertThat(DomainNames.toAscii("y.".repeat(130) + "example")).isNull();
        assertThat(DomainNames.toAscii("ü.".repeat(60) + "example")).isNull();
    }

    @ParameterizedTest
    @DisplayName("ASCII names are only converted to lower case, including underscores and double hyphens")
    @ValueSource(strings = {"Example.ORG", "_dmarc.example", "r3---sn-x.example", "a_b.example", "[IPv6:2001:DB8::1]"})
    void leavesAscii(String name) {
        assertThat(DomainNames.toAscii(name)).isEqualTo(name.toLowerCase(Locale.ROOT));
        assertThat(DomainNames.toUnicode(name)).isEqualTo(name);
    }

    @Test
    @DisplayName("Underscores beside U-labels are preserved, as in the names of DKIM keys and DMARC records")
    void convertsBesideUnderscores() {
        assertThat(DomainNames.toAscii("s._domainkey.bücher.example")).isEqualTo("s._domainkey.xn--bcher-kva.example");
    }
}
