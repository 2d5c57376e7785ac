package org.mailserv.app.reports;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.mailserv.app.api.ReceivedReportInfo;
import org.mailserv.server.report.received.ReportFormatException;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reports in mailboxes, each message read once. The summaries that are kept have a limited size. Not thread-safe: one message at a time
 * is in memory.
 */
final class ReceivedReports {
    private static final Logger LOG = LoggerFactory.getLogger(ReceivedReports.class);
    private static final int MAX_MESSAGES = 5_000;
    private static final int MAX_WEIGHT = 100_000;

    private final Cache<String, List<ReceivedReportInfo>> read = Caffeine.newBuilder()
            .maximumWeight(MAX_WEIGHT)
            .weigher((String name, List<ReceivedReportInfo> reports) -> 1
                    + reports.stream()
                            .mapToInt(report -> 1 + report.failures().size())
                            .sum())
            .build();

    /** A message with the time of its arrival. */
    private record Arrived(Path path, Instant time) {}

    /** Returns the reports that arrived in a mailbox after a time. Of a large mailbox the latest messages are read. Blocks. */
    List<ReceivedReportInfo> since(Path mailbox, Instant earliest) throws IOException {
        List<Arrived> arrived = new ArrayList<>();
        for (Path path : ReportFolder.messages(mailbox)) {
            try {
                Instant time = Files.getLastModifiedTime(path).toInstant();
                if (time.isAfter(earliest)) {
                    arrived.add(new Arrived(path, time));
                }
            } catch (NoSuchFileException e) {
                // A mail program has moved or deleted it in the meantime.
                LOG.debug("event=report-gone file={}", path);
            }
        }
        arrived.sort(Comparator.comparing(Arrived::time).reversed());
        List<ReceivedReportInfo> all = new ArrayList<>();
        for (Arrived each : arrived.subList(0, Math.min(arrived.size(), MAX_MESSAGES))) {
            all.addAll(reports(mailbox, each.path()));
        }
        return all;
    }

    /** The name of a message in a Maildir stays when its flags, after a colon, change. */
    private List<ReceivedReportInfo> reports(Path mailbox, Path message) throws IOException {
        String key = mailbox + "/" + String.valueOf(message.getFileName()).split(":", 2)[0];
        List<ReceivedReportInfo> known = read.getIfPresent(key);
        if (known != null) {
            return known;
        }
        List<ReceivedReportInfo> found = List.of();
        try {
            found = ReportFolder.read(message).stream().map(ReportSummary::of).toList();
        } catch (ReportFormatException e) {
            LOG.info("event=report-unreadable file={} reason=\"{}\"", message, Failures.text(e));
        } catch (NoSuchFileException e) {
            return List.of();
        }
        read.put(key, found);
        return found;
    }
}
