package org.mailserv.app.cli;

import java.util.concurrent.Callable;
import org.mailserv.app.config.ServerOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** {@code mailserv run}. */
@Command(name = "run", description = "Runs the server (the default).", mixinStandardHelpOptions = true)
public final class RunCommand implements Callable<Integer> {
    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private MailservCommand parent;

    @Mixin
    private ServerOptions options = new ServerOptions();

    @Override
    public Integer call() throws Exception {
        return ServerRun.run(parent.configFile(), options.over(parent.options()));
    }
}
