package org.mailserv.app.transfer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MboxSourceTest {
    private static final String FROM = "From a@b.test Fri Sep 11 12:00:01 2020\n";

    @TempDir
    Path folder;

    private final List<String> contents = new ArrayList<>();
    private final List<MailSource.Facts> facts = new ArrayList<>();

    private void read(String mbox) throws IOException {
        Path file = folder.resolve("mbox");
        Files.write(file, mbox.getBytes(ISO_8859_1));
        contents.clear();
        facts.clear();
        new MboxSource(file, "", UidLists.DOVECOT_FORMAT).read(new Sink());
    }

    private final class Sink implements MailSource.Sink {
        @Override
        public MailSource.Incoming begin() {
            ByteArrayOutputStream content = new ByteArrayOutputStream();
            return new MailSource.Incoming() {
                @Override
                public OutputStream content() {
                    return content;
                }

                @Override
                public void end(MailSource.Facts known) {
                    contents.add(content.toString(ISO_8859_1).replace("\r\n", "\n"));
                    facts.add(known);
                }

                @Override
                public void abort() {
                    // Nothing is kept.
                }
            };
        }

        @Override
        public void refused(String what, String reason) {
            throw new IllegalStateException(what + ": " + reason);
        }

        @Override
        public void companion(String name, String file, byte[] content) {
            throw new IllegalStateException(file);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n"})
    @DisplayName("mboxo and mboxrd, with LF or CRLF: quotes are taken off, blank lines are the message's but the last")
    void readsQuoted(String end) throws IOException {
        read((FROM + "A: 1\n\n>From me\n>>From you\n> From\n\n\n" + FROM + "A: 2\n\nx\n\n" + FROM + "A: 3\n\n")
                .replace("\n", end));
        assertThat(contents).containsExactly("A: 1\n\nFrom me\n>From you\n> From\n\n", "A: 2\n\nx\n", "A: 3\n\n");
        assertThat(facts.get(0).date()).isEqualTo(Instant.parse("2020-09-11T12:00:01Z"));
    }

    @Test
    @DisplayName(
            "lines of text that begin with From do not begin a message, and a message needs no blank line before it")
    void knowsSeparators() throws IOException {
        read(FROM + "A: 1\n\nDear all,\n\nFrom Monday on we meet at 10.\nFrom here to there\n" + FROM + "A: 2\n\nx\n\n"
                + "From - Fri Sep 11 12:00:01 2020\nA: 3\n\n\nFrom a@b.test\nA: 4\n\n");
        assertThat(contents)
                .containsExactly(
                        "A: 1\n\nDear all,\n\nFrom Monday on we meet at 10.\nFrom here to there\n",
                        "A: 2\n\nx\n",
                        "A: 3\n\n",
                        "A: 4\n\n");
    }

    @Test
    @DisplayName("mboxcl2: the length is believed where a message follows, and nothing is unquoted")
    void readsByLength() throws IOException {
        String body = "x\n\n" + FROM + "B: y\n\n>From z\n";
        String message = "A: 1\nContent-Length: " + body.length() + "\n\n";
        read(FROM + message + body + "\n" + FROM + message + body + "\n");
        assertThat(contents).hasSize(2).allMatch(("A: 1\n\n" + body)::equals);

        // A length that is wrong, and mboxcl, which quotes besides.
        read(FROM + "A: 1\nContent-Length: 3\n\nlonger\n\n" + FROM + "A: 2\nContent-Length: 9999\n\nx\n\n" + FROM
                + "A: 3\nContent-Length: 9\n\n>From me\n\n");
        assertThat(contents).containsExactly("A: 1\n\nlonger\n", "A: 2\n\nx\n", "A: 3\n\nFrom me\n");
    }

    @ParameterizedTest
    @CsvSource({
        "'', '', true",
        "'Status: O', '', false",
        "'Status: RO', S, false",
        "'Status: R', S, false",
        "'Status: RO|X-Status: AF', FRS, false",
        "'X-Status: DT', DT, false",
        "'X-Mozilla-Status: 0003', RS, false",
        "'X-Mozilla-Status: 1005', FPS, false",
    })
    @DisplayName("Status, X-Status and X-Mozilla-Status become flags, and are no part of the message")
    void readsFlags(String fields, String flags, boolean fresh) throws IOException {
        String lines = fields.isEmpty() ? "" : fields.replace("|", "\n") + "\n";
        read(FROM + lines + "A: 1\nX-Keywords: a\n b\nX-UIDL: abc\n\nStatus: in the body\n\n");
        assertThat(contents).containsExactly("A: 1\n\nStatus: in the body\n");
        assertThat(facts.get(0).flags()).isEqualTo(flags);
        assertThat(facts.get(0).fresh()).isEqualTo(fresh);
        assertThat(facts.get(0).uid()).isEqualTo("abc");
    }

    @Test
    @DisplayName("UW-IMAP's data, and what Thunderbird has only marked as deleted, are no messages")
    void leavesOut() throws IOException {
        read(FROM + "Subject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\nX-IMAP: 255 0000000009\n\ntext\n\n"
                + FROM + "A: 1\nX-UID: 16\n\n" + FROM + "A: 2\nX-Mozilla-Status: 0009\n\n");
        assertThat(contents).containsExactly("A: 1\n\n");
        assertThat(facts.get(0).uid()).isEqualTo("00000010000000ff");
    }

    @ParameterizedTest
    @CsvSource({
        "From a Fri Sep 11 12:00:01 2020, 2020-09-11T12:00:01Z",
        "From a Fri Sep 11 12:00 2020, 2020-09-11T12:00:00Z",
        "From a Fri Sep 11 12:00:01 +0200 2020, 2020-09-11T10:00:01Z",
        "From a Fri Sep 11 12:00:01 2020 +0200, 2020-09-11T10:00:01Z",
        "From a Fri Sep 11 12:00:01 MET 2020 remote from x, 2020-09-11T12:00:01Z",
        "From 123@xxx Tue Sep  1 00:00:00 +0000 2020, 2020-09-01T00:00:00Z"
    })
    @DisplayName("dates of separator lines")
    void readsDates(String separator, String date) {
        assertThat(MboxHeader.date(separator)).isEqualTo(Instant.parse(date));
    }

    @Test
    @DisplayName("without a date in the separator that of the message serves")
    void readsDateOfMessage() throws IOException {
        read("From MAILER-DAEMON Thu Jan  1 00:00:00 1970\nDate: Fri, 11 Sep 2020 14:00:01 +0200 (CEST)\n\n");
        assertThat(facts.get(0).date()).isEqualTo(Instant.parse("2020-09-11T12:00:01Z"));
    }
}
