package org.mailserv.app.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;

/** A subcommand that only has subcommands of its own, such as {@code mailserv user}. Without one of them it prints its usage. */
abstract class CommandGroup extends Subcommand implements Callable<Integer> {
    @Override
    public Integer call() {
        spec.commandLine().usage(err());
        return CommandLine.ExitCode.USAGE;
    }
}
