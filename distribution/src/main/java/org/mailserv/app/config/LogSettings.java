package org.mailserv.app.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.config.Octets;

/**
 * Settings of the log.
 *
 * @param file in addition to the console, or null
 * @param maxSize size in octets at which the file is rotated
 * @param keep number of rotated files to keep
 * @param format of console and file
 * @param errorsToStderr whether WARN and ERROR go to standard error, and only the rest to standard output
 * @param console whether the console is written at all
 * @param level minimum level that is written
 * @param maskAddresses whether local parts of addresses are hidden
 * @param syslog {@code HOST:PORT} of a syslog server that receives the events as well, or null
 */
public record LogSettings(
        @Nullable Path file,
        @Octets long maxSize,
        int keep,
        Format format,
        boolean errorsToStderr,
        boolean console,
        Level level,
        boolean maskAddresses,
        @Nullable String syslog) {

    /** Format of a line. */
    public enum Format {
        /** Time, level, source, then key=value pairs. */
        TEXT,
        /** A JSON object per line. */
        JSON,
        /** For journald, which adds the time: the priority in angle brackets, then source and pairs. */
        JOURNAL
    }

    /** Levels of SLF4J. */
    public enum Level {
        ERROR,
        WARN,
        INFO,
        DEBUG
    }
}
