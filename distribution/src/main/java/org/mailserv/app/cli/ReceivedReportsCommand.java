package org.mailserv.app.cli;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.Json;
import org.mailserv.app.config.DataFolder;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.reports.ReportFolder;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.PathParser;
import org.mailserv.server.account.AliasesFile;
import org.mailserv.server.account.LocalAccounts;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.account.OwnNames;
import org.mailserv.server.account.Resolution;
import org.mailserv.server.account.UsersFile;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.report.received.ReceivedReport;
import org.mailserv.server.report.received.ReportFormatException;
import org.mailserv.server.text.Failures;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code mailserv received-reports}: shows the DMARC and TLS reports in a mailbox, whether the server runs or not. */
@Command(
        name = "received-reports",
        description = {
            "Shows the DMARC and TLS reports that other servers have sent to a mailbox: who sends mail in the name of"
                    + " your domains, and where TLS to your server fails.",
            "Exit code 1 if a report could not be read."
        },
        mixinStandardHelpOptions = true)
public final class ReceivedReportsCommand extends Subcommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "ADDRESS",
            arity = "0..1",
            description = "The address of rua in your DNS records. Default: postmaster of the primary domain.")
    @Nullable
    private String wanted;

    @Option(names = "--failures", description = "Shows only sources and sessions that failed.")
    private boolean failuresOnly;

    @Option(names = "--json", description = JsonLines.HELP)
    private boolean json;

    private int unreadable;

    @Override
    public Integer call() throws Exception {
        MailservConfig config = config();
        config.store().requireFiles();
        Map<String, List<ReceivedReport>> byDomain = new TreeMap<>();
        for (MailboxName mailbox : mailboxes(config)) {
            for (Path message : ReportFolder.messages(
                    new DataFolder(config, new RealDisk()).layout().folder(mailbox))) {
                read(message)
                        .forEach(report -> byDomain.computeIfAbsent(report.domain(), domain -> new ArrayList<>())
                                .add(report));
            }
        }
        if (byDomain.isEmpty() && !json) {
            out().println("No reports.");
        }
        byDomain.forEach((domain, reports) -> {
            if (!json) {
                out().println(domain);
            }
            reports.stream().sorted(Comparator.comparing(ReceivedReport::begin)).forEach(this::print);
        });
        out().flush();
        return unreadable == 0 ? 0 : 1;
    }

    private List<MailboxName> mailboxes(MailservConfig config) throws IOException {
        Address address = wanted == null ? new Address("postmaster", "") : PathParser.parseAddress(wanted);
        if (address == null) {
            throw usage(wanted + " is no address (expected: user@domain)");
        }
        try (LocalAccounts accounts = new LocalAccounts(
                config.domains(),
                config.primaryDomain(),
                OwnNames.ofThisMachine(config.hostname()),
                new UsersFile(config.usersFilePath(), new RealDisk()),
                new AliasesFile(config.aliasesFilePath(), new RealDisk()),
                config.tagSeparators(),
                1)) {
            Resolution resolution =
                    accounts.resolve(address).toCompletableFuture().join();
            if (resolution instanceof Resolution.Found found
                    && !found.mailboxes().isEmpty()) {
                return found.mailboxes();
            }
        }
        throw usage((wanted == null ? "postmaster" : wanted) + " has no mailbox here");
    }

    private List<ReceivedReport> read(Path message) throws IOException {
        try {
            return ReportFolder.read(message);
        } catch (ReportFormatException e) {
            unreadable++;
            err().println(message + ": " + Failures.text(e));
            return List.of();
        }
    }

    private void print(ReceivedReport report) {
        if (json) {
            JsonObject line = Json.tree(report).getAsJsonObject();
            line.addProperty("kind", report instanceof ReceivedReport.Dmarc ? "dmarc" : "tls");
            out().println(Json.write(line));
        } else if (report instanceof ReceivedReport.Dmarc dmarc) {
            print(dmarc);
        } else if (report instanceof ReceivedReport.Tls tls) {
            print(tls);
        }
    }

    private void print(ReceivedReport.Dmarc report) {
        long passed = report.rows().stream()
                .filter(ReceivedReport.DmarcRow::passed)
                .mapToLong(ReceivedReport.DmarcRow::count)
                .sum();
        long all =
                report.rows().stream().mapToLong(ReceivedReport.DmarcRow::count).sum();
        out().println("  " + head(report, "DMARC") + ": " + all + (all == 1 ? " message, " : " messages, ")
                + (all - passed) + " failed; policy " + report.policy());
        for (ReceivedReport.DmarcRow row : report.rows()) {
            if (!failuresOnly || !row.passed()) {
                out().println(String.format(
                        "    %6d  %-39s  %-6s  dkim %-4s  spf %-4s  %-10s  %s",
                        row.count(),
                        row.source(),
                        row.passed() ? "passed" : "failed",
                        row.dkim() ? "pass" : "fail",
                        row.spf() ? "pass" : "fail",
                        row.disposition(),
                        row.from()));
            }
        }
    }

    private void print(ReceivedReport.Tls report) {
        out().println("  " + head(report, "TLS") + ": " + report.successful() + " sessions succeeded, "
                + report.failed() + " failed");
        for (ReceivedReport.TlsFailure failure : report.failures()) {
            out().println(String.format("    %6d  %s  %s", failure.count(), failure.type(), failure.host()));
        }
    }

    private static String head(ReceivedReport report, String kind) {
        LocalDate day = LocalDate.ofInstant(report.begin(), ZoneOffset.UTC);
        return day + "  " + kind + " from " + report.organization();
    }
}
