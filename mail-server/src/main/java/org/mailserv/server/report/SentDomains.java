package org.mailserv.server.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;

/**
 * The domains whose report of a day is finished, one line each in a file beside the day's observations. A domain is noted before its report
 * is sent, because a report lost in a crash is better than one repeated every hour. Confined to one thread; blocks.
 */
public final class SentDomains {
    private final Path file;
    private final Set<String> domains;

    /** @param observations the day's file of observations */
    SentDomains(Path observations) throws IOException {
        file = observations.resolveSibling(observations.getFileName() + ".sent");
        domains =
                Files.exists(file) ? new HashSet<>(Files.readAllLines(file, StandardCharsets.UTF_8)) : new HashSet<>();
    }

    boolean has(String domain) {
        return domains.contains(domain);
    }

    /** @throws IOException if the domain cannot be noted; the report must not be sent then */
    void add(String domain) throws IOException {
        Files.writeString(file, domain + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        domains.add(domain);
    }

    /** Deletes the list, after the day's file was deleted. */
    void delete() throws IOException {
        Files.deleteIfExists(file);
    }
}
