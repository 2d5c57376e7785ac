package org.mailserv.server.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.check.dkim.DkimKeys;
import org.mailserv.server.delivery.MessageAcceptor;
import org.mailserv.server.delivery.RecipientRouter;
import org.mailserv.server.delivery.SpoolingAcceptor;
import org.mailserv.server.delivery.SuccessNotices;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.testing.FakeAccounts;
import org.mailserv.server.testing.FakeDns;
import org.mailserv.server.testing.InMemoryMailboxes;
import org.mailserv.server.testing.InMemorySpool;

class DailyReportsTest {
    private static final InstantSource NOW = InstantSource.fixed(Instant.parse("2026-11-27T00:30:00Z"));

    @TempDir
    Path folder;

    private final InMemorySpool spool = new InMemorySpool(Runnable::run);
    private Path day;
    private Path sent;

    private static String row(String domain) {
        return domain + "\tsts\tmx." + domain + "\t192.0.2.1\t\t\n";
    }

    private DailyReports reports(Runnable atEach) throws IOException {
        Path observations = Files.createDirectories(folder.resolve("reports"));
        day = observations.resolve("tls-2026-11-26.tsv");
        sent = observations.resolve("tls-2026-11-26.tsv.sent");
        Files.writeString(day, row("one.test") + row("two.test") + row("three.test"));
        FakeDns dns = new FakeDns();
        for (String domain : List.of("one.test", "two.test", "three.test")) {
            dns.withTxt("_smtp._tls." + domain, "v=TLSRPTv1; rua=mailto:reports@" + domain);
        }
        FakeAccounts accounts = new FakeAccounts(Runnable::run, "doug");
        InMemoryMailboxes mailboxes = new InMemoryMailboxes(Runnable::run);
        SpoolingAcceptor acceptor =
                new SpoolingAcceptor(spool, mailboxes, message -> {}, SuccessNotices.NONE, MailEvents.NONE);
        MessageAcceptor faulty = (writer, envelope, trace, expanded) -> {
            atEach.run();
            return acceptor.accept(writer, envelope, trace, expanded);
        };
        return new DailyReports(new DailyReports.Parts(
                new DailyReports.Settings(false, true, null),
                "mx.example.org",
                () -> "example.org",
                new ObservationFiles(observations, NOW, 1 << 20),
                dns,
                spool,
                new RecipientRouter(accounts, mailboxes, null),
                faulty,
                new DkimKeys(folder.resolve("keys"), NOW),
                NOW));
    }

    private List<String> recipients() {
        List<String> all = new ArrayList<>();
        spool.messages()
                .forEach(message ->
                        all.add(message.envelope().recipients().get(0).address().toString()));
        return all;
    }

    /** A disk on which nothing can be noted any more. */
    private void breakNotes() {
        try {
            String noted = Files.isRegularFile(sent) ? Files.readString(sent, StandardCharsets.UTF_8) : "";
            Files.writeString(folder.resolve("noted"), noted);
            Files.delete(sent);
            Files.createDirectory(sent);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    @DisplayName("a fault in the middle sends no report twice, and the rest when it is over")
    void aFaultInTheMiddle() throws Exception {
        int[] accepted = {0};
        DailyReports reports = reports(() -> {
            if (++accepted[0] == 2) {
                breakNotes();
            }
        });
        assertThatThrownBy(() -> reports.send(false)).isInstanceOf(IOException.class);
        assertThat(recipients()).containsExactly("reports@one.test", "reports@two.test");
        assertThat(day).exists();
        Files.delete(sent);
        Files.move(folder.resolve("noted"), sent);
        assertThat(reports.send(false)).isEqualTo(1);
        assertThat(recipients()).containsExactly("reports@one.test", "reports@two.test", "reports@three.test");
        assertThat(day).doesNotExist();
        assertThat(sent).doesNotExist();
        assertThat(reports.send(false)).isZero();
    }

    @Test
    @DisplayName("a day that cannot be read holds no other day up")
    void otherDaysGoOn() throws Exception {
        DailyReports reports = reports(() -> {});
        Files.write(day.resolveSibling("tls-2026-11-25.tsv"), new byte[] {'x', '\t', (byte) 0xff, '\n'});
        assertThatThrownBy(() -> reports.send(false)).isInstanceOf(IOException.class);
        assertThat(recipients()).hasSize(3);
    }
}
