package org.mailserv.app.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.mailserv.app.sendmail.Sendmail;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Unmatched;

/** {@code mailserv sendmail} in the list of commands. {@link Sendmail} reads its words: no grammar of ours fits those of forty years. */
@Command(
        name = "sendmail",
        description =
                "Sends a message from standard input, with the options of sendmail. `sendmail --help` lists them.",
        mixinStandardHelpOptions = false)
public final class SendmailCommand implements Callable<Integer> {
    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private MailservCommand parent;

    @Unmatched
    List<String> words = new ArrayList<>();

    @Override
    public Integer call() {
        return new Sendmail(parent.configFile(), System.in, System.out, System.err).run(words);
    }
}
