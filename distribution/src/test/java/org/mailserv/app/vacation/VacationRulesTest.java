package org.mailserv.app.vacation;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.header.HeaderBlock;

/** The rules of RFC 3834: who gets no vacation reply. */
class VacationRulesTest {
    private static final Address ANN = new Address("ann", "far.test");
    private static final String PLAIN = "From: Ann <ann@far.test>\r\nTo: Kim <kim@sample.org>\r\nSubject: hello\r\n";

    private static @Nullable String reason(@Nullable Address sender, String header) {
        return VacationRules.reason(
                sender,
                HeaderBlock.read(header + "\r\n"),
                "sample.org",
                address -> address.equals(new Address("kim", "sample.org")));
    }

    @Test
    @DisplayName("A message of a person to the user is answered")
    void answered() {
        assertThat(reason(ANN, PLAIN)).isNull();
        assertThat(reason(ANN, PLAIN + "Auto-Submitted: no\r\n")).isNull();
        assertThat(reason(ANN, PLAIN + "Auto-Submitted: no (by hand)\r\nPrecedence: first-class\r\n"))
                .isNull();
        assertThat(reason(ANN, "To: team@sample.org\r\nCc: x@y.test,\r\n kim@sample.org\r\n"))
                .isNull();
        assertThat(reason(ANN, "Resent-To: kim@sample.org\r\n")).isNull();
        assertThat(reason(ANN, PLAIN + "X-Auto-Response-Suppress: DR, RN\r\n")).isNull();
    }

    @Test
    @DisplayName("Bounces, and mail that does not name the user, are not answered")
    void notAddressed() {
        assertThat(reason(null, PLAIN)).isNotNull();
        assertThat(reason(ANN, "To: team@sample.org\r\n")).contains("not addressed");
        assertThat(reason(ANN, "Subject: no recipients\r\n")).contains("not addressed");
        assertThat(reason(ANN, "Bcc: kim@sample.org\r\n")).contains("not addressed");
        assertThat(reason(ANN, "To: undisclosed-recipients:;\r\n")).contains("not addressed");
    }

    @Test
    @DisplayName("The user's own mail is not answered")
    void own() {
        assertThat(reason(new Address("kim", "sample.org"), PLAIN)).contains("the user");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "MAILER-DAEMON",
                "postmaster",
                "owner-list",
                "list-owner",
                "list-request",
                "list-bounces",
                "bounce",
                "bounces+kim=sample.org",
                "list-bounces+kim=sample.org",
                "noreply",
                "no-reply",
                "do-not-reply",
                "LISTSERV",
                "majordomo",
                "prvs=1234=ann",
                "SRS0=x=y=z=ann",
                "news-return-12-kim=sample.org"
            })
    @DisplayName("Programs are not answered, by the name of the sender")
    void programs(String name) {
        assertThat(reason(new Address(name, "far.test"), PLAIN)).contains("a program");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Auto-Submitted: auto-replied",
                "auto-submitted: AUTO-GENERATED; type=x",
                "Auto-Submitted: unheard-of",
                "Auto-Submitted:",
                "Precedence: bulk",
                "Precedence: Junk",
                "Precedence: list",
                "List-Id: <x.far.test>",
                "List-Unsubscribe: <mailto:x@far.test>",
                "List-Post: NO",
                "Mailing-List: contact x",
                "X-Auto-Response-Suppress: OOF",
                "X-Auto-Response-Suppress: All",
                "X-Spam-Flag: YES",
                "X-Loop: x",
                "Feedback-ID: 1:2",
                "Content-Type: multipart/report; report-type=delivery-status",
                "Return-Path: <>"
            })
    @DisplayName("Lists, bulk mail, reports and automatic mail are not answered, by their fields")
    void fields(String field) {
        assertThat(reason(ANN, PLAIN + field + "\r\n")).contains("automatic or from a list");
    }
}
