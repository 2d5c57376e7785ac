package org.mailserv.app.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.config.StartupException;
import org.mailserv.server.config.ConfigurationException;
import org.mailserv.server.text.Failures;
import picocli.CommandLine;

/** Prints errors that an operator can fix in one line, without a stack trace. */
public final class OneLineErrors
        implements CommandLine.IExecutionExceptionHandler, CommandLine.IParameterExceptionHandler {
    /** Of sysexits: a configuration error. */
    public static final int EX_CONFIG = 78;
    /** Of sysexits: something that the server needs is not to be had. */
    public static final int EX_UNAVAILABLE = 69;

    /** The commands that read the options of the server. */
    private static final Set<String> SERVER_COMMANDS = Set.of("run", "check-config", "config");

    @Override
    public int handleExecutionException(Exception problem, CommandLine command, CommandLine.ParseResult parsed) {
        Integer code = tell(problem, command.getErr());
        if (code == null) {
            return tellBug(problem, command.getErr());
        }
        return code;
    }

    /** Tells a bug. Where it is interests developers alone. */
    public static int tellBug(Exception problem, PrintWriter err) {
        err.println("mailserv: internal error: " + Failures.text(problem)
                + " (please report it with what JAVA_TOOL_OPTIONS=-Dmailserv.debug=true shows)");
        if (Boolean.getBoolean("mailserv.debug")) {
            problem.printStackTrace(err);
        }
        err.flush();
        return CommandLine.ExitCode.SOFTWARE;
    }

    /** Prints the usage for words that picocli cannot read, and one line for values that a command refuses. */
    @Override
    public int handleParseException(CommandLine.ParameterException problem, String[] arguments) {
        CommandLine command = problem.getCommandLine();
        PrintWriter err = command.getErr();
        // Its own are of subclasses, or name the option.
        boolean ours = problem.getClass() == CommandLine.ParameterException.class && problem.getArgSpec() == null;
        err.println("mailserv: " + String.valueOf(problem.getMessage()).strip());
        if (!ours) {
            CommandLine.UnmatchedArgumentException.printSuggestions(problem, err);
            command.usage(err);
        }
        err.flush();
        return command.getCommandSpec().exitCodeOnInvalidInput();
    }

    /** Refuses options of the server before a command that has no use for them, instead of ignoring them. */
    public static int execute(CommandLine.ParseResult parsed) {
        CommandLine.ParseResult command = parsed.subcommand();
        if (command != null && !SERVER_COMMANDS.contains(command.commandSpec().name())) {
            for (CommandLine.Model.OptionSpec option : parsed.matchedOptions()) {
                if (!option.inherited() && !option.scopeType().equals(CommandLine.ScopeType.INHERIT)) {
                    throw new CommandLine.ParameterException(
                            command.commandSpec().commandLine(),
                            option.longestName() + ": an option of the server, which `"
                                    + command.commandSpec().name()
                                    + "` would ignore (expected: only before or after `run`)");
                }
            }
        }
        return new CommandLine.RunLast().execute(parsed);
    }

    /** Prints an error that an operator can fix and returns the exit code, or null for any other error. */
    public static @Nullable Integer tell(Exception problem, PrintWriter err) {
        if (problem instanceof ConfigurationException configuration) {
            configuration.problems().forEach(line -> err.println("mailserv: " + line));
            return EX_CONFIG;
        } else if (problem instanceof StartupException
                || problem instanceof ApiException
                || problem instanceof IOException) {
            err.println("mailserv: " + lines(problem));
            return EX_UNAVAILABLE;
        }
        return null;
    }

    /** Returns the text of an error. Those of the configuration have a line for each problem. */
    static String lines(Throwable problem) {
        if (problem instanceof ConfigurationException configuration) {
            return String.join("\n", configuration.problems());
        }
        return problem instanceof StartupException || problem instanceof ApiException
                ? String.valueOf(problem.getMessage()).strip()
                : Failures.text(problem);
    }
}
