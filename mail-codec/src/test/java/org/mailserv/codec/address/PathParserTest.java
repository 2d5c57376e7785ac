package org.mailserv.codec.address;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
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
                "<jürgen@bücher.example>|jürgen|xn--bcher-kva.example",
                "<a@ｂ．example>|a|b.example",
                "<a..b@c.example>|a..b|c.example",
                "<.a@c.example>|.a|c.example",
                "<a.@c.example>|a.|c.example",
                "<...@c.example>|...|c.example",
                "a.@c.example|a.|c.example",
                "<\"a..b\"@c.example>|a..b|c.example",
                "<\"joe\"@c.example>|joe|c.example",
                "<@x.example:a..b@c.example>|a..b|c.example",
                "<h!u%x@c.example>|h!u%x|c.example"
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
                "<@b>",
                "<a@>",
                "<a@b",
                "<a b@c>",
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
        assertThat(PathParser.parseAddress("x".repeat(65) + "@" + host)).isNotNull();
        assertThat(PathParser.parseAddress("x".repeat(255) + "@" + host)).isNotNull();
        assertThat(PathParser.parseAddress("é".repeat(256) + "@" + host)).isNotNull();
        assertThat(PathParser.parseAddress("x".repeat(513) + "@" + host)).isNull();
        assertThat(PathParser.parseAddress("é".repeat(257) + "@" + host)).isNull();
        assertThat(PathParser.parseAddress("x@" + "y".repeat(63) + ".example")).isNotNull();
        assertThat(PathParser.parseAddress("x@" + "y".repeat(64) + ".example")).isNull();
        assertThat(PathParser.parseAddress("x@" + "y.".repeat(130) + "example")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"<root>", "root", "<postmaster>", "<\"two words\">"})
    @DisplayName("A local part without a domain is accepted; the session decides who may send it")
    void readsBareNames(String text) {
        assertThat(PathParser.parseForwardPath(text).address())
                .isNotNull()
                .extracting(Address::domain)
                .isEqualTo("");
        assertThat(PathParser.parseReversePath(text).address())
                .isNotNull()
                .extracting(Address::domain)
                .isEqualTo("");
    }

    @Test
    void keepsTheRestForTheParameters() {
        assertThat(PathParser.parseReversePath("<>  SIZE=1").rest()).isEqualTo("SIZE=1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\u0001',
            value = {
                "<a.b@c.example>|true",
                "<\"a..b\"@c.example>|true",
                "<a..b@c.example>|false",
                "<.a@c.example>|false",
                "<a.@c.example>|false"
            })
    void tellsWhetherALocalPartKeepsToTheLetter(String text, boolean standard) {
        assertThat(PathParser.parseForwardPath(text).form().standard()).isEqualTo(standard);
    }

    @Test
    void tellsOverlongLocalPartsApart() {
        assertThat(PathParser.parseForwardPath("<" + "x".repeat(64) + "@c.example>")
                        .form()
                        .standard())
                .isTrue();
        assertThat(PathParser.parseForwardPath("<" + "x".repeat(65) + "@c.example>")
                        .form()
                        .standard())
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"<a@xn--a.example>", "<a@a\u200Db.example>", "<a@\u0378.example>", "<a@ü＠b.example>"})
    void tellsThatADomainIsNone(String text) {
        PathParser.Result result = PathParser.parseForwardPath(text);
        assertThat(result.error()).contains("IDNA2008");
        assertThat(result.noSuchDomain()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"a..b, '\"a..b\"'", ".a, '\".a\"'", "a., '\"a.\"'", "a.b, a.b"})
    void quotesWhatTheGrammarWantsQuoted(String localPart, String wire) {
        assertThat(new Address(localPart, "c.example")).hasToString(wire + "@c.example");
        assertThat(PathParser.parseAddress(wire + "@c.example")).isEqualTo(new Address(localPart, "c.example"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"jürgen", "JÜRGEN", "ju\u0308rgen", "JU\u0308RGEN", "ｊüｒｇｅｎ"})
    void comparesLocalPartsOfMailboxesInOneForm(String localPart) {
        assertThat(LocalParts.canonical(localPart)).isEqualTo("jürgen");
    }

    @ParameterizedTest
    @CsvSource({"WEIẞ, weiß", "weiß, weiß", "ΝΙΚΟΣ, νικοσ", "νικος, νικοσ", "İ, i\u0307", "ı, ı", "\u212A, k", "ﬀ, ﬀ"})
    void mapsCaseWithoutMergingLookAlikes(String localPart, String canonical) {
        assertThat(LocalParts.canonical(localPart)).isEqualTo(canonical);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a@b.example", "\"a b\"@c.example", "\"\\\"\"@c.example", "\"a@b\"@c.example"})
    void writesWhatItReads(String text) {
        Address address = PathParser.parseAddress(text);
        assertThat(String.valueOf(address)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"a+2Bb,a+b", "a+2bb,a+b", "plain,plain", "+C3+A9,é", "a=b==,a=b=="})
    void decodesXtext(String xtext, String text) {
        assertThat(Xtext.decode(xtext)).isEqualTo(text);
        assertThat(Xtext.decode(Xtext.encode(text))).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"a=b,a+3Db", "QQ=,QQ+3D", "a+2bb,a+2Bb", "a+3db,a+3Db", "a+41,aA"})
    void normalizesXtext(String xtext, String normalized) {
        assertThat(Xtext.normalized(xtext)).isEqualTo(normalized);
    }

    @ParameterizedTest
    @ValueSource(strings = {"''", "a+0D+0Ab", "+00", "a+", "a+zz"})
    void normalizesNothingThatIsNoText(String xtext) {
        assertThat(Xtext.normalized(xtext.replace("''", ""))).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"+", "+2", "+zz", "a b", "+FF"})
    void refusesMalformedXtext(String xtext) {
        assertThat(Xtext.decode(xtext)).isNull();
    }
}
