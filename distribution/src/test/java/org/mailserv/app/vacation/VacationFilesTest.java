package org.mailserv.app.vacation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.header.HeaderBlock;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.disk.RealDisk;

/** The memory of vacation replies, and the message of one. */
class VacationFilesTest {
    private static final MailboxName KIM = new MailboxName("sample.org", "kim/..*");
    private static final Duration WEEK = Duration.ofDays(7);
    private static final Vacation AWAY = new Vacation(true, null, "I am away.", null, null);

    @TempDir
    Path folder;

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-07-10T12:00:00Z"));

    private VacationFiles files(int most) throws Exception {
        return new VacationFiles(folder.resolve("vacation"), new RealDisk(), now::get, most);
    }

    @Test
    @DisplayName("A sender gets one reply within the interval, also after a restart")
    void oncePerSender() throws Exception {
        VacationFiles files = files(10);
        files.set(KIM, AWAY);
        assertThat(files.claim(KIM, "ann@far.test", WEEK)).isTrue();
        assertThat(files.claim(KIM, "ann@far.test", WEEK)).isFalse();
        VacationFiles after = files(10);
        assertThat(after.of(KIM)).isEqualTo(AWAY);
        assertThat(after.claim(KIM, "ann@far.test", WEEK)).isFalse();
        assertThat(after.claim(KIM, "bob@far.test", WEEK)).isTrue();
        now.set(now.get().plus(WEEK).plusSeconds(1));
        assertThat(after.claim(KIM, "ann@far.test", WEEK)).isTrue();
    }

    @Test
    @DisplayName("The memory is bounded: when it is full, nobody else gets a reply")
    void bounded() throws Exception {
        VacationFiles files = files(2);
        files.set(KIM, AWAY);
        assertThat(files.claim(KIM, "a@far.test", WEEK)).isTrue();
        assertThat(files.claim(KIM, "b@far.test", WEEK)).isTrue();
        assertThat(files.claim(KIM, "c@far.test", WEEK)).isFalse();
        now.set(now.get().plus(WEEK).plusSeconds(1));
        assertThat(files.claim(KIM, "c@far.test", WEEK)).isTrue();
    }

    @Test
    @DisplayName("Another text may be sent to everybody once; switching off and on may not")
    void anotherText() throws Exception {
        VacationFiles files = files(10);
        files.set(KIM, AWAY);
        assertThat(files.claim(KIM, "ann@far.test", WEEK)).isTrue();
        files.set(KIM, new Vacation(false, null, "I am away.", null, null));
        files.set(KIM, AWAY);
        assertThat(files.claim(KIM, "ann@far.test", WEEK)).isFalse();
        files.set(KIM, new Vacation(true, null, "Still away.", null, null));
        assertThat(files.claim(KIM, "ann@far.test", WEEK)).isTrue();
    }

    @Test
    @DisplayName("Replies are sent on the days from the first to the last")
    void dates() {
        Vacation july = new Vacation(true, null, "x", "2026-07-01", "2026-07-31");
        assertThat(july.isActive(Vacation.date("2026-06-30"))).isFalse();
        assertThat(july.isActive(Vacation.date("2026-07-01"))).isTrue();
        assertThat(july.isActive(Vacation.date("2026-07-31"))).isTrue();
        assertThat(july.isActive(Vacation.date("2026-08-01"))).isFalse();
        assertThat(new Vacation(true, null, "x", "soon", null).isActive(Vacation.date("2026-08-01")))
                .isFalse();
        assertThat(new Vacation(true, null, " ", null, null).isActive(Vacation.date("2026-08-01")))
                .isFalse();
    }

    @Test
    @DisplayName("A file that cannot be read sends no replies and does not keep the others from it")
    void brokenFile() throws Exception {
        VacationFiles files = files(10);
        files.set(KIM, AWAY);
        Files.writeString(folder.resolve("vacation/ann%40sample.org.json"), "{");
        VacationFiles after = files(10);
        assertThat(after.isActive(KIM)).isTrue();
        assertThat(after.isActive(new MailboxName("sample.org", "ann"))).isFalse();
    }

    @Test
    @DisplayName("The reply refers to the message, says that it is automatic, and survives any text")
    void reply() {
        HeaderBlock answered = HeaderBlock.read(
                "Message-ID: <1@far.test>\r\nReferences: <0@far.test>\r\nSubject: hello\r\n there\r\n\r\n");
        String text = VacationReply.text(
                AWAY, new MailboxName("sample.org", "kim"), new Address("ann", "far.test"), answered, "id1", now.get());
        assertThat(text)
                .contains("\r\nTo: <ann@far.test>\r\n")
                .contains("\r\nIn-Reply-To: <1@far.test>\r\n")
                .contains("\r\nReferences: <0@far.test>\r\n <1@far.test>\r\n")
                .contains("\r\nAuto-Submitted: auto-replied\r\n")
                .contains("\r\nSubject: Auto: hello there\r\n")
                .endsWith("\r\n\r\nI am away.\r\n");
        Vacation umlauts = new Vacation(true, "Verreist\r\nBcc: all@far.test ä", "Bin verreist – bis März", null, null);
        String other = VacationReply.text(
                umlauts,
                new MailboxName("sample.org", "kim"),
                new Address("ann", "far.test"),
                answered,
                "id2",
                now.get());
        assertThat(other)
                .contains("Subject: =?utf-8?B?")
                .doesNotContain("\r\nBcc:")
                .contains("base64");
        assertThat(other.chars()).allMatch(c -> c < 128);
    }
}
