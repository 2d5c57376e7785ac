package org.mailserv.app.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.mailserv.server.account.PasswordScheme;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code mailserv hash-password}. */
@Command(
        name = "hash-password",
        description = "Prints the hash of a password, for the configuration.",
        mixinStandardHelpOptions = true)
public final class HashPasswordCommand implements Callable<Integer> {
    @Option(names = "--password-stdin", description = "Reads the password from standard input.")
    private boolean fromInput;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        spec.commandLine().getOut().println(PasswordScheme.hash(PasswordPrompt.read(fromInput, spec)));
        return 0;
    }
}
