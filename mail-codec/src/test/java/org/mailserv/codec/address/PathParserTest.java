package org.mailserv.codec.address;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathParserTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\u0001',
            value = {
                "<a@b.example>|a|b.example",
                "<A.b@B.Example>|A.b|b.example",
                "<\"a b\"@c.example>|a b|c.example",
                "<\"a\\\"b\"@c.example>|a\"b|c.example",
                "<\"x@y\"@c.example>|x@y|c.example",
                "<a@[192.0.2.1]>|a|[192.0.2.1]",
                "<a@[IPv6:2001:db8::1]>|a|[ipv6:2001:db8::1]",
                "<a@b.example.>|a|b.example",
                "<postmaster>|postmaster|''",
                "<PostMaster>|PostMaster|''",
                "postmaster|postmaster|''",
                "<@x.example:a@b.example>|a|b.example",
                "<a+b=c@d-e.example>|a+b=c|d-e.example",
                "<jürgen@bücher.example>|jürgen|bücher.example"
            })
    void readsForwardPaths(String text, String localPart, String domain) {
        PathParser.Result result = PathParser.parseForwardPath(text);
        assertThat(result.error()).isNull();
        assertThat(result.address()).isEqualTo(new Address(localPart, domain.equals("''") ? "" : domain));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<>",
                "<a>",
                "<@b>",
                "<a@>",
                "<a@b",
                "<a b@c>",
                "<a..b@c>",
                "<.a@b>",
                "<a.@b>",
                "<a@-b>",
                "<a@b..c>",
                "<a@[1.2.3]>",
                "<a@[1.2.3.4>",
                "<a@[IPv6:zz]>",
                "<\"a@b>",
                "<a@b>x",
                "<a@b c>",
                "<a\u0001@b>",
                "<@x,a@b>",
                "<a@b.example>>",
                "a@b>"
            })
    void refusesMalformedForwardPaths(String text) {
        assertThat(PathParser.parseForwardPath(text).error()).isNotNull();
    }

    @Test
    void boundsLengths() {
        String host = "b.example";
        assertThat(PathParser.parseAddress("x".repeat(64) + "@" + host)).isNotNull();
        assertThat(PathParser.parseAddress("x".repeat(65) + "@" + host)).isNull();
        assertThat(PathParser.parseAddress("x@" + "y".repeat(63) + ".example")).isNotNull();
        assertThat(PathParser.parseAddress("x@" + "y".repeat(64) + ".example")).isNull();
        assertThat(PathParser.parseAddress("x@" + "y.".repeat(130) + "example")).isNull();
    }

    @Test
    void keepsTheRestForTheParameters() {
        assertThat(PathParser.parseReversePath("<>  SIZE=1").rest()).isEqualTo("SIZE=1");
        assertThat(PathParser.parseReversePath("<postmaster>").error()).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a@b.example", "\"a b\"@c.example", "\"\\\"\"@c.example", "\"a@b\"@c.example"})
    void writesWhatItReads(String text) {
        Address address = PathParser.parseAddress(text);
        assertThat(String.valueOf(address)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"a+2Bb,a+b", "plain,plain", "+C3+A9,é"})
    void decodesXtext(String xtext, String text) {
        assertThat(Xtext.decode(xtext)).isEqualTo(text);
        assertThat(Xtext.decode(Xtext.encode(text))).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"+", "+2", "+zz", "a b", "a=b", "+FF"})
    void refusesMalformedXtext(String xtext) {
        assertThat(Xtext.decode(xtext)).isNull();
    }
}
