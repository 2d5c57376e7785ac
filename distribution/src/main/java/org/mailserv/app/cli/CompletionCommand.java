package org.mailserv.app.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code mailserv completion}: what a shell needs to complete commands and options. */
@Command(
        name = "completion",
        description = {
            "Prints a script that completes commands and options of mailserv in a shell.",
            "For the present shell: source <(mailserv completion bash)"
        },
        mixinStandardHelpOptions = true)
public final class CompletionCommand extends Subcommand implements Callable<Integer> {
    /** The shells that can be helped. */
    enum Shell {
        BASH,
        ZSH
    }

    @Parameters(paramLabel = "bash|zsh", description = "The shell.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Shell shell;

    @Override
    public Integer call() {
        String script = AutoComplete.bash("mailserv", spec.root().commandLine());
        if (shell == Shell.ZSH) {
            // zsh runs scripts of bash after these lines, and finds the file by the first if it is in a folder of its
            // functions.
            out().println("#compdef mailserv");
            out().println("autoload -U +X compinit && compinit");
            out().println("autoload -U +X bashcompinit && bashcompinit");
        }
        out().print(script);
        out().flush();
        return 0;
    }
}
