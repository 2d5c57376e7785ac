package org.mailserv.app.reports;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.mailserv.server.report.received.ReceivedReport;
import org.mailserv.server.report.received.ReportFormatException;
import org.mailserv.server.report.received.ReportReader;

/** The messages of a mailbox as files, some of which are reports. */
public final class ReportFolder {
    private ReportFolder() {}

    /** Returns the messages in the inbox of a Maildir, in no particular order. Blocks. */
    public static List<Path> messages(Path mailbox) throws IOException {
        List<Path> messages = new ArrayList<>();
        for (String folder : List.of("new", "cur")) {
            if (Files.isDirectory(mailbox.resolve(folder))) {
                try (Stream<Path> files = Files.list(mailbox.resolve(folder))) {
                    files.filter(Files::isRegularFile).sorted().forEach(messages::add);
                }
            }
        }
        return messages;
    }

    /**
     * Returns the reports of a message; none if it is too large to be one. Blocks.
     *
     * @throws ReportFormatException if the message claims to be a report and cannot be read
     */
    public static List<ReceivedReport> read(Path message) throws IOException, ReportFormatException {
        return Files.size(message) > ReportReader.MAX_MESSAGE
                ? List.of()
                : ReportReader.read(Files.readAllBytes(message));
    }
}
