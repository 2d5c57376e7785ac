package org.mailserv.app.reports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Call;
import org.mailserv.app.api.CallHandler;
import org.mailserv.app.api.CallRegistry;
import org.mailserv.app.api.Operator;
import org.mailserv.app.api.ReceivedReportInfo;
import org.mailserv.app.api.ReceivedReportInfo.Kind;
import org.mailserv.app.api.ReceivedReportInfo.ReportedFailure;
import org.mailserv.app.api.ReceivedReportsQuery;
import org.mailserv.app.config.ConfigFile;
import org.mailserv.app.config.DataFolder;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.server.account.AliasesFile;
import org.mailserv.server.account.LocalAccounts;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.account.OwnNames;
import org.mailserv.server.account.UsersFile;
import org.mailserv.server.disk.RealDisk;

/** The reports of others, from the mailboxes of the postmasters to the API. */
class ReceivedReportCallsTest implements CallRegistry {
    private static final Operator ALL = new Operator("ann", Operator.Role.ADMINISTRATOR, false);

    @TempDir
    Path folder;

    private LocalAccounts accounts;
    private MailservConfig config;
    private CallHandler<ReceivedReportsQuery, List<ReceivedReportInfo>> handler;

    @BeforeEach
    void open() throws Exception {
        config = ConfigFile.bind(ConfigFactory.parseString("""
                        hostname = mx.one.example, data-dir = "%s"
                        domains { "one.example" { mailboxes { kim { password = "{PLAIN}x" } }, postmaster = "kim@one.example" }
                          "two.example" { catch-all = "kim@one.example" } }
                        """.formatted(folder))
                .withFallback(ConfigFile.reference())
                .resolve());
        accounts = new LocalAccounts(
                config.domains(),
                config.primaryDomain(),
                OwnNames.NONE,
                new UsersFile(config.usersFilePath(), new RealDisk()),
                new AliasesFile(config.aliasesFilePath(), new RealDisk()),
                "+",
                1);
        new ReceivedReportCalls(() -> config, accounts).register(this);
    }

    @AfterEach
    void close() {
        accounts.close();
    }

    @Override
    @SuppressWarnings("unchecked")
    public <Q extends Record, A> CallRegistry on(Call<Q, A> call, CallHandler<? super Q, ? extends A> made) {
        handler = (CallHandler<ReceivedReportsQuery, List<ReceivedReportInfo>>) (CallHandler<?, ?>) made;
        return this;
    }

    private List<ReceivedReportInfo> ask(@Nullable String domain, @Nullable String address, @Nullable Integer days)
            throws Exception {
        return handler.answer(new ReceivedReportsQuery(domain, address, days), ALL);
    }

    private static String dmarc(String domain, Instant begin, String rows) {
        return "From: r@far.test\r\nContent-Type: text/xml\r\n\r\n<feedback><report_metadata><org_name>far.test</org_name>"
                + "<date_range><begin>" + begin.getEpochSecond() + "</begin><end>"
                + begin.plus(Duration.ofDays(1)).getEpochSecond()
                + "</end></date_range></report_metadata><policy_published><domain>" + domain
                + "</domain><p>none</p></policy_published>" + rows + "</feedback>";
    }

    private static String row(String source, int count, String dkim) {
        return "<record><row><source_ip>" + source + "</source_ip><count>" + count
                + "</count><policy_evaluated><disposition>none</disposition><dkim>" + dkim
                + "</dkim><spf>fail</spf></policy_evaluated></row></record>";
    }

    private Path put(String mailbox, String name, String text) throws Exception {
        Path place = new DataFolder(config, new RealDisk())
                .layout()
                .folder(MailboxName.of(mailbox))
                .resolve("new");
        Files.createDirectories(place);
        return Files.writeString(place.resolve(name), text);
    }

    @Test
    @DisplayName(
            "Reports are summed up by source; those of foreign domains, of other times and unreadable ones are left out")
    void sumsUp() throws Exception {
        Instant day = Instant.now().minus(Duration.ofDays(2));
        put(
                "kim@one.example",
                "1.a",
                dmarc(
                        "One.Example",
                        day,
                        row("192.0.2.1", 5, "pass")
                                + row("192.0.2.66", 7, "fail")
                                + row("192.0.2.66", 2, "fail")
                                + row("192.0.2.7", 1, "fail")));
        put("kim@one.example", "2.a", dmarc("foreign.example", day, row("192.0.2.1", 5, "pass")));
        put("kim@one.example", "3.a", dmarc("one.example", Instant.now().plus(Duration.ofDays(999)), ""));
        put("kim@one.example", "4.a", "Content-Type: text/xml\r\n\r\n<feedback><unclosed>");
        put("kim@one.example", "5.a", "Subject: no report\r\n\r\nx\r\n");
        assertThat(ask(null, null, null)).singleElement().satisfies(report -> {
            assertThat(report.kind()).isEqualTo(Kind.DMARC);
            assertThat(report.domain()).isEqualTo("one.example");
            assertThat(report.passed()).isEqualTo(5);
            assertThat(report.failed()).isEqualTo(10);
            assertThat(report.failures())
                    .containsExactly(
                            new ReportedFailure("192.0.2.66", "none", 9), new ReportedFailure("192.0.2.7", "none", 1));
        });
        assertThat(ask("two.example", null, null)).isEmpty();
        assertThat(ask("ONE.example", null, null)).hasSize(1);
        assertThat(ask(null, "kim@one.example", 1)).isEmpty();
    }

    @Test
    @DisplayName(
            "A message is read once, also after its flags change; one that goes away is no error, and old ones are not read")
    void readsOnce() throws Exception {
        Instant day = Instant.now().minus(Duration.ofDays(1));
        Path message = put("kim@one.example", "1.a", dmarc("one.example", day, row("192.0.2.1", 5, "pass")));
        assertThat(ask(null, null, null)).hasSize(1);
        // The same name with flags, and content that would be another report: the summary that is kept answers.
        Files.delete(message);
        put("kim@one.example", "1.a:2,S", dmarc("one.example", day, row("192.0.2.1", 6, "pass")));
        assertThat(ask(null, null, null)).extracting(ReceivedReportInfo::passed).containsExactly(5L);
        Path old = put("kim@one.example", "2.a", dmarc("one.example", day, row("192.0.2.1", 1, "pass")));
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofDays(40))));
        assertThat(ask(null, null, null)).hasSize(1);
        assertThat(ask(null, null, 90)).hasSize(2);
    }

    @Test
    @DisplayName("A domain administrator gets the reports of its domains, wherever they arrived")
    void ownDomains() throws Exception {
        Instant day = Instant.now().minus(Duration.ofDays(1));
        put("kim@one.example", "1.a", dmarc("one.example", day, row("192.0.2.1", 5, "pass")));
        put("kim@one.example", "2.a", dmarc("two.example", day, row("192.0.2.1", 5, "pass")));
        Operator dora = new Operator("dora", Operator.Role.DOMAIN_ADMINISTRATOR, false, Set.of("two.example"));
        assertThat(handler.answer(new ReceivedReportsQuery(null, null, null), dora))
                .extracting(ReceivedReportInfo::domain)
                .containsExactly("two.example");
        assertThat(handler.answer(new ReceivedReportsQuery("one.example", null, null), dora))
                .isEmpty();
        assertThat(new ReceivedReportsQuery("ONE.example", "kim@three.example", null).concernedDomains())
                .containsExactly("one.example", "three.example");
    }

    @Test
    @DisplayName("Mistakes are named: an address without a mailbox, and a period out of range")
    void mistakes() {
        assertThatThrownBy(() -> ask(null, "nobody@far.test", null))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("has no mailbox here");
        assertThatThrownBy(() -> ask(null, "<script>", null)).isInstanceOf(ApiException.class);
        assertThatThrownBy(() -> ask(null, null, 401)).hasMessageContaining("days");
        assertThatThrownBy(() -> ask(null, null, 0)).hasMessageContaining("days");
    }
}
