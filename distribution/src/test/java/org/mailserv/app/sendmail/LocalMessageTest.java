package org.mailserv.app.sendmail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.app.cli.Arguments;
import org.mailserv.codec.address.Address;

class LocalMessageTest {
    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private static LocalMessage read(String text) throws Exception {
        return LocalMessage.read(stream(text));
    }

    private static List<String> recipients(String header) throws Exception {
        return read(header + "\nTo: not@this.test\n").recipients("d.test").addresses().stream()
                .map(Address::toString)
                .toList();
    }

    private static String whole(String text) throws Exception {
        LocalMessage message = read(text);
        return new String(message.header("d.test", "<me@d.test>", List.of("Date: now")), StandardCharsets.UTF_8)
                + new String(message.body().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    @DisplayName("-t: To, Cc and Bcc, with groups, comments, folds and names without a domain; each recipient once")
    void recipientsOfTheHeader() throws Exception {
        assertThat(recipients(
                        "To: ann, \"B, b\" <bob@x.test> (c),\n\tteam: carl;\nCC: Ann@d.test\nBcc: zoe\ncc: ann\n"))
                .containsExactly("ann@d.test", "bob@x.test", "carl@d.test", "Ann@d.test", "zoe@d.test");
        assertThat(read("To: two words, ann\n").recipients("d.test").unreadable())
                .containsExactly("two words");
        assertThat(recipients("Subject: To: x\n")).isEmpty();
        assertThat(recipients("Töte: x\n")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Resent-To: a;To: b | a@d.test",
                "To: b;Resent-From: x;Resent-Cc: a;Resent-Bcc: c | a@d.test,c@d.test",
                "Resent-From: y;Resent-To: a;Resent-From: x;Resent-To: old;Resent-Cc: older;To: b | a@d.test",
                "Resent-To: a;Received: from x;Resent-Cc: old;To: b | a@d.test",
                "Resent-From: y;Received: from x;To: b | b@d.test",
                "resent-TO: a,c;Bcc: b | a@d.test,c@d.test",
            })
    @DisplayName("RFC 5322, 3.6.6: a message that is sent again goes to its topmost Resent block only")
    void resent(String fields, String expected) throws Exception {
        assertThat(recipients(fields.replace(';', '\n') + "\n")).containsExactly(expected.split(","));
    }

    @Test
    @DisplayName("Bcc, Resent-Bcc, Return-Path and Content-Length go; names get their domain; From and Date are added")
    void header() throws Exception {
        assertThat(whole("To: root (r),\n bob@x.test\nBCC: x,\n y\nResent-Bcc: z\nReturn-Path: <q>\nContent-Length: 3\n"
                        + "Subject: root\n\nabc\n"))
                .isEqualTo(
                        "Date: now\r\nFrom: <me@d.test>\r\nTo: root@d.test (r),\r\n bob@x.test\r\nSubject: root\r\n\r\n"
                                + "abc\n");
        assertThat(whole("From: root\r\nDate: then\r\n\r\nabc"))
                .isEqualTo("From: root@d.test\r\nDate: then\r\n\r\nabc");
        assertThat(whole("From: \nSubject: ä\n\n")).isEqualTo("Date: now\r\nFrom: <me@d.test>\r\nSubject: ä\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hello\nTo: x\n",
                " hello\n",
                "\nhello\n",
                "",
                "From now on\nhello\n",
                "no colon here",
                "a b: c\n"
            })
    @DisplayName("what begins with no header is text, all of it")
    void text(String input) throws Exception {
        String body = input.startsWith("\n") ? input.substring(1) : input;
        assertThat(whole(input)).isEqualTo("Date: now\r\nFrom: <me@d.test>\r\n\r\n" + body);
    }

    @Test
    @DisplayName("separators of mbox files in front of the header go, and none further down")
    void separators() throws Exception {
        String separator = "From ann Thu Jan  1 00:00:00 1970\n";
        assertThat(whole(separator + ">" + separator + "From: a@x.test\n\n" + separator))
                .isEqualTo("Date: now\r\nFrom: a@x.test\r\n\r\n" + separator);
        assertThat(whole(separator + "\ntext\n")).isEqualTo("Date: now\r\nFrom: <me@d.test>\r\n\r\ntext\n");
    }

    @Test
    @DisplayName("a line without a colon ends the header, and is the body's first")
    void headerWithoutBlankLine() throws Exception {
        assertThat(whole("From: a@x.test\nDate: then\ntext\n")).isEqualTo("From: a@x.test\r\nDate: then\r\n\r\ntext\n");
    }

    @Test
    @DisplayName("the body is not read ahead, however long it is; a header without end is refused")
    void bounds() throws Exception {
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 'x';
            }
        };
        LocalMessage message = LocalMessage.read(new SequenceInputStream(stream("To: ann\n\n"), endless));
        assertThat(message.has("To")).isTrue();
        assertThat(message.body().read()).isEqualTo('x');
        assertThat(LocalMessage.read(endless).has("To")).isFalse();
        String fields = "X: y\n".repeat(200_000);
        assertThatThrownBy(() -> LocalMessage.read(stream(fields)))
                .isInstanceOf(SendmailException.class)
                .hasMessageContaining("header too long");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "a;.;b|a;",
                "a;.~;b|a;",
                ".;b|''",
                "a;.|a;",
                "a;..;b|a;..;b",
                "a;.b;|a;.b;",
                "a.;b|a.;b",
                "a; .;b|a; .;b"
            })
    @DisplayName("a line with a dot alone ends the message, with LF, CRLF or no line end")
    void dot(String input, String expected) throws IOException {
        InputStream in = new DotEndedInput(stream(input.replace(';', '\n').replace('~', '\r')));
        assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo(expected.replace(';', '\n'));
        assertThat(in.read()).isEqualTo(-1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "CronDaemon | CronDaemon <a@d.test>",
                "Ann Lee | Ann Lee <a@d.test>",
                "Ann S. Lee | \"Ann S. Lee\" <a@d.test>",
                "(Cron) | \"(Cron)\" <a@d.test>",
                "a\"b\\c | \"a\\\"b\\\\c\" <a@d.test>",
                "Jürgen | =?UTF-8?B?SsO8cmdlbg==?= <a@d.test>",
                "=?x?= | \"=?x?=\" <a@d.test>",
                "`` | <a@d.test>",
            })
    @DisplayName("a sender's name is plain, quoted or in encoded words")
    void names(String name, String expected) {
        assertThat(LocalUser.mailbox(name, "a@d.test")).isEqualTo(expected);
    }

    @Test
    @DisplayName("a name makes no second line and no second address, however long it is")
    void hostileNames() {
        assertThat(LocalUser.mailbox("a\r\nBcc: x", "a@d.test")).isEqualTo("\"a Bcc: x\" <a@d.test>");
        String longName = LocalUser.mailbox("ü".repeat(200), "a@d.test");
        for (String line : longName.split("\r\n ")) {
            assertThat(line.length()).isLessThanOrEqualTo(90);
            assertThat(line).startsWith("=?UTF-8?B?");
        }
    }

    @TempDir
    Path folder;

    @Test
    @DisplayName("the user's full name comes from the system's entry, with & for the login")
    void gecos() throws IOException {
        Path passwd = Files.writeString(
                folder.resolve("passwd"), "root:x:0:0:& of all,room 1:/root:/bin/sh\nann:x:1:1:Änn Lee:/:/\nno:x\n");
        assertThat(LocalUser.gecos("root", passwd)).isEqualTo("Root of all");
        assertThat(LocalUser.gecos("ann", passwd)).isEqualTo("Änn Lee");
        assertThat(LocalUser.gecos("no", passwd)).isEmpty();
        assertThat(LocalUser.gecos("ann", folder.resolve("none"))).isEmpty();
    }

    @Test
    @DisplayName(
            "words of the command line are UTF-8 where the platform lost them, and as the platform has them where they are not")
    void arguments() {
        byte[] octets = "java\0-jar\0m.jar\0ü\0\0\u00e9\0".getBytes(StandardCharsets.UTF_8);
        assertThat(Arguments.decoded(new String[] {"??", "", "?"}, octets)).containsExactly("ü", "", "é");
        byte[] latin = "java\0\u00e9\0".getBytes(StandardCharsets.ISO_8859_1);
        assertThat(Arguments.decoded(new String[] {"given"}, latin)).containsExactly("given");
        assertThat(Arguments.decoded(new String[] {"a", "b"}, "a\0".getBytes(StandardCharsets.UTF_8)))
                .containsExactly("a", "b");
    }
}
