package org.mailserv.codec.header;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuthorsTest {
    private static Authors of(String header) {
        return Authors.of(new String(header.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));
    }

    @ParameterizedTest
    @DisplayName("Forms that RFC 5322 allows name exactly one author")
    @ValueSource(
            strings = {
                "ann@d.test",
                "<ann@d.test>",
                "Ann <ann@d.test>",
                "Ann <ann@d.test (home)>",
                "ann@d.test (Ann)",
                "(a) ann (b) @ (c) d.test (d)",
                "(x (nested \\) <ceo@bank.test>) y) <ann@d.test>",
                "Ann\t<ann @ d.test>",
                "\"Doe, Alice <x@y.test>\" <ann@d.test>",
                "\"a\\\"b\" <ann@d.test>",
                "Doe, Alice <ann@d.test>",
                "Doe; Alice <ann@d.test>",
                "=?utf-8?q?ceo=40bank.test?= <ann@d.test>",
                "<@relay.test,@b.test:ann@d.test>",
                "<@relay.test:ann@d.test>",
                "\"ann smith\"@d.test",
                "a..nn.@d.test",
                "Team: ann@d.test, bob@D.TEST;",
                "ann@d.test.",
                "Ann <ann@d.test> trailing words",
                "<ann@d.test>, <ann@d.test>",
                "Ann Smith, Dr. <ann@d.test>"
            })
    void wellFormed(String value) {
        Authors authors = of("From: " + value + "\r\n");
        assertThat(authors.domains()).containsExactly("d.test");
        assertThat(authors.occurring()).containsExactly("d.test");
    }

    @ParameterizedTest
    @DisplayName("Malformed forms that mail readers display are accepted")
    @ValueSource(
            strings = {
                "<mailto:ann@d.test>",
                "mailto:ann@d.test",
                "<MAILTO:ann%40d.test>",
                "mailto:ann@d.test?subject=x",
                "<ann@d.test",
                "ann@d.test>",
                "Ann ann@d.test",
                "ann@d.test Ann",
                "ann@d . test",
                "ann@(x)d(y).test",
                "\"Ann <ann@d.test>",
                "Ann (x <ann@d.test>",
                "<<ann@d.test>>",
                "[ann@d.test]",
                "ann@[d.test]",
                "ann@\"d.test\"",
                "=?utf-8?q?Ann_=3Cann=40d=2Etest=3E?=",
                "=?utf-8?B?YW5uQGQudGVzdA==?=",
                "=?utf-8?q?ann=40d?= =?utf-8?q?.test?=",
                "=?x-unknown?q?ann@d.test?=",
                "=?utf-16be?b?AGEAbgBuAEAAZAAuAHQAZQBzAHQ=?=",
                "ann\uFF20d.test",
                "a\u0000nn@d.te\u0001st",
                "@d.test",
                "Ann:ann@d.test:x",
                "<ann@d.test><>",
                "ann@d.test, <>",
            })
    void malformed(String value) {
        assertThat(of("From: " + value + "\r\n").occurring()).as(value).contains("d.test");
    }

    @ParameterizedTest
    @DisplayName("If readers may display different authors, every domain counts")
    @ValueSource(
            strings = {
                "ann@d.test, x@evil.test",
                "Group: ann@d.test;, x@evil.test",
                "<ann@d.test> <x@evil.test>",
                "<x@evil.test> <ann@d.test>",
                "<x@evil.test> ann@d.test",
                "ann@d.test <x@evil.test>",
                "ann@d.test x@evil.test",
                "ann@d.test@evil.test",
                "<x@evil.test@d.test>",
                "\"ann@d.test\"@evil.test",
                "=?utf-8?q?ann=40d.test=00?=@evil.test",
                "ann@d.test\u0000.evil.test, x@evil.test",
                "ann@d.test\u0000@evil.test",
                "<ann@d.test, x@evil.test",
                "\"Ann <ann@d.test>, x@evil.test",
                "ann@d.test. evil.test, x@evil.test",
                "ann@d.test/@evil.test",
                "<ann@d.test:x@evil.test>",
                "x@evil.test\rFrom: ann@d.test",
                "x@evil.test\r\nFrom: ann@d.test",
                "x@evil.test\r\n\tann@d.test",
                "x@evil.test\r\nfRoM : ann@d.test",
                "x@evil.test\r\nFROM\t:\r\n ann@d.test",
                "x@evil.test\r\nno field\r\nFrom: ann@d.test",
                "x@evil.test\r\n\uFEFFFrom: ann@d.test",
                "x@evil.test\r\nX: y\r\rFrom: ann@d.test"
            })
    void everyDomainCounts(String value) {
        assertThat(of("From: " + value + "\r\n").occurring()).as(value).contains("d.test", "evil.test");
    }

    @ParameterizedTest
    @DisplayName("A From field without an author has no domain")
    @ValueSource(
            strings = {
                "",
                "From:\r\n",
                "From: \r\n \r\n",
                "From: <>\r\n",
                "From: MAILER-DAEMON\r\n",
                "From: undisclosed-recipients:;\r\n",
                "From: ann@[192.0.2.1]\r\n",
                "From: ann@192.0.2.1\r\n",
                "From: \"ann\"\r\n",
                "Sender: ann@d.test\r\n",
                "Fromage: ann@d.test\r\n",
                "X-From: ann@d.test\r\n",
                "From ann@d.test Mon Jan  1 10:00:00 2024\r\n",
                ">From ann@d.test Mon\r\n"
            })
    void nobody(String header) {
        assertThat(of(header).occurring()).as(header).isEmpty();
    }

    @Test
    @DisplayName("From fields are counted at every position")
    void counts() {
        assertThat(of("Subject: x\r\n").fields()).isZero();
        assertThat(of(" From: a@b.test\r\nfrom :c@d.test\r\nSubject: x\r\n From: folded@e.test\r\n")
                        .fields())
                .isEqualTo(2);
        String many = "X-Trace: y\r\n".repeat(20_000);
        assertThat(of(many + "From: ann@d.test\r\n" + many).domains()).containsExactly("d.test");
    }

    @Test
    @DisplayName("Unicode names and octets that are not UTF-8 are accepted")
    void unicode() {
        assertThat(of("From: jos\u00E9@b\u00FCcher.test\r\n").domains()).containsExactly("b\u00FCcher.test");
        assertThat(Authors.of("From: ann@b\u00FCcher.test\r\n").occurring()).contains("b\u00FCcher.test");
        assertThat(of("From: ann@d\u3002test\r\n").occurring()).containsExactly("d\u3002test");
    }

    @Test
    @DisplayName("Hostile fields are parsed in linear time")
    void hostile() {
        for (String piece :
                List.of("[", "\"\\", "(", "<", "@", "a.", "=?a?q?", ",", ":", "@a.b,", "a@b ", "%40", " ")) {
            String value = piece.repeat(500_000 / piece.length());
            Authors authors = Assertions.assertTimeout(Duration.ofSeconds(20), () -> of("From: " + value + "\r\n"));
            assertThat(authors.complete()).isFalse();
        }
        assertThat(of("From: a@b.test\r\n").complete()).isTrue();
    }
}
