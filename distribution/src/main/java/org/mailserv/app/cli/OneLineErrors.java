package org.mailserv.app.cli;

import java.io.IOException;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.config.StartupException;
import org.mailserv.server.config.ConfigurationException;
import picocli.CommandLine;

/** Prints errors that an operator can fix in one line, without a stack trace. */
public final class OneLineErrors implements CommandLine.IExecutionExceptionHandler {
    /** Of sysexits: a configuration error. */
    public static final int EX_CONFIG = 78;
    /** Of sysexits: something that the server needs is not to be had. */
    public static final int EX_UNAVAILABLE = 69;

    @Override
    public int handleExecutionException(Exception problem, CommandLine command, CommandLine.ParseResult parsed)
            throws Exception {
        Integer code = tell(problem, command.getErr());
        if (code == null) {
            throw problem;
        }
        return code;
    }

    /** Prints an error that an operator can fix and returns the exit code, or null for any other error. */
    public static @Nullable Integer tell(Exception problem, PrintWriter err) {
        if (problem instanceof ConfigurationException configuration) {
            configuration.problems().forEach(line -> err.println("mailserv: " + line));
            return EX_CONFIG;
        } else if (problem instanceof StartupException || problem instanceof IOException) {
            err.println("mailserv: " + problem.getMessage());
            return EX_UNAVAILABLE;
        }
        return null;
    }
}
