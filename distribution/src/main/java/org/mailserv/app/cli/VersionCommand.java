package org.mailserv.app.cli;

import java.util.concurrent.Callable;
import org.mailserv.app.Version;
import org.mailserv.app.api.Json;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code mailserv version}. */
@Command(name = "version", description = "Prints the version.", mixinStandardHelpOptions = true)
public final class VersionCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--json", description = JsonLines.HELP)
    private boolean json;

    private record Versions(String version, String java) {}

    @Override
    public Integer call() {
        if (json) {
            spec.commandLine()
                    .getOut()
                    .println(Json.write(new Versions(Version.text(), System.getProperty("java.version"))));
            return CommandLine.ExitCode.OK;
        }
        for (String line : new Version().getVersion()) {
            spec.commandLine().getOut().println(line);
        }
        return CommandLine.ExitCode.OK;
    }
}
