package org.mailserv.app.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MessageTraceFilesTest {
    private final long now = System.currentTimeMillis();

    @TempDir
    Path folder;

    private MessageTraceFiles open(long fileSize, long totalSize, int days) throws IOException {
        MessageTraceFiles files = new MessageTraceFiles(folder, fileSize, totalSize, days);
        files.open();
        return files;
    }

    private static void write(MessageTraceFiles files, long time, String text) {
        files.write(new TraceLine(time, text));
        files.flush();
    }

    private static LocalDate day(long time) {
        return Instant.ofEpochMilli(time).atZone(ZoneOffset.UTC).toLocalDate();
    }

    private List<String> names() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    private static String name(LocalDate day, int number) {
        return "history." + day + ".%05d.log".formatted(number);
    }

    @Test
    @DisplayName(
            "a new start goes on with the day's last file; a full one is followed by the next number, a day by the next day")
    void goesOn() throws Exception {
        MessageTraceFiles files = open(100, 100_000, 7);
        write(files, now, "a".repeat(40));
        files.close();
        files = open(100, 100_000, 7);
        write(files, now, "b".repeat(10));
        write(files, now, "c".repeat(10));
        write(files, now + TimeUnit.DAYS.toMillis(1), "d");
        // A clock that is put back.
        write(files, now, "e");
        files.close();
        LocalDate today = day(now);
        LocalDate tomorrow = today.plusDays(1);
        assertThat(names()).containsExactly(name(today, 0), name(today, 1), name(tomorrow, 0));
        assertThat(Files.readString(folder.resolve(name(today, 0))))
                .contains("aaaa")
                .doesNotContain("b");
        assertThat(Files.readAllLines(folder.resolve(name(today, 1)))).hasSize(2);
        assertThat(Files.readAllLines(folder.resolve(name(tomorrow, 0)))).hasSize(2);
    }

    @Test
    @DisplayName("a line begins with the time in UTC, and text that does not print cannot begin another one")
    void linesAreLines() throws Exception {
        MessageTraceFiles files = open(1000, 100_000, 7);
        files.write(new TraceLine(1_795_255_200_007L, "event=x reply=\"a\r\nevent=forged\u001b[2J\""));
        files.close();
        assertThat(Files.readString(folder.resolve(names().get(0))))
                .isEqualTo("2026-11-21T10:00:00.007Z event=x reply=\"a event=forged [2J\"\n");
    }

    @Test
    @DisplayName("what is older than the days goes, at the start and with each new file; what is not ours stays")
    void forgetsOldDays() throws Exception {
        LocalDate today = day(now);
        Files.writeString(folder.resolve(name(today.minusDays(8), 0)), "old");
        Files.writeString(folder.resolve(name(today.minusDays(7), 3)), "kept");
        Files.writeString(folder.resolve("history.of-rome.log"), "other");
        MessageTraceFiles files = open(1000, 100_000, 7);
        assertThat(names()).containsExactly(name(today.minusDays(7), 3), name(today, 0), "history.of-rome.log");
        // As a folder it cannot be removed while something is in it.
        Files.createDirectories(folder.resolve(name(today.minusDays(9), 0)).resolve("x"));
        Files.writeString(folder.resolve("history.2026-02-30.00000.log"), "no such day");
        write(files, now, "x");
        write(files, now + TimeUnit.DAYS.toMillis(1), "y");
        files.close();
        assertThat(names())
                .containsExactlyInAnyOrder(
                        name(today, 0),
                        name(today.plusDays(1), 0),
                        "history.of-rome.log",
                        "history.2026-02-30.00000.log",
                        name(today.minusDays(9), 0));
        open(1000, 100_000, 7).close();
    }

    @Test
    @DisplayName("all files together stay within their size: the oldest go first, never the one that is written")
    void keepsWithinItsSize() throws Exception {
        MessageTraceFiles files = open(1000, 3000, 7);
        for (int i = 0; i < 100; i++) {
            write(files, now, i + "x".repeat(100));
        }
        files.close();
        long total = 0;
        for (String name : names()) {
            total += Files.size(folder.resolve(name));
        }
        assertThat(total).isBetween(2000L, 4000L);
        assertThat(Files.readString(folder.resolve(names().get(names().size() - 1))))
                .contains("99xxx");
        assertThat(names()).doesNotContain(name(day(now), 0));
    }
}
