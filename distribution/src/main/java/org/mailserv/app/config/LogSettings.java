package org.mailserv.app.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.config.Octets;

/**
 * Settings of the log.
 *
 * @param file besides the console, or null
 * @param maxSize octets after which the file is set aside and a new one begun
 * @param keep files that were set aside and are kept
 * @param format of console and file
 * @param errorsToStderr whether WARN and ERROR go to standard error, and only the rest to standard output
 * @param console whether the console is written at all
 * @param level least level that is written
 * @param maskAddresses whether local parts of addresses are hidden
 * @param syslog {@code HOST:PORT} of a syslog server that is told too, or null
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

    /** How a line looks. */
    public enum Format {
        /** Time, level, source, then key=value pairs. */
        TEXT,
        /** A JSON object a line. */
        JSON,
        /** For journald, which knows the time itself: the priority in angle brackets, then source and pairs. */
        JOURNAL
    }

    /** As SLF4J has them. */
    public enum Level {
        ERROR,
        WARN,
        INFO,
        DEBUG
    }
}
