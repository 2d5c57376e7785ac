package org.mailserv.app.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.Version;
import org.mailserv.app.config.ConfigFile;
import org.mailserv.app.config.ServerOptions;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code mailserv}: runs the server where no sub-command is given. */
@Command(
        name = "mailserv",
        description = "A whole mail server: SMTP in, mailboxes, POP3 out.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class)
public final class MailservCommand implements Callable<Integer> {
    private static final Path SYSTEM_FILE = Path.of("/etc/mailserv/mailserv.conf");
    private static final Path LOCAL_FILE = Path.of("mailserv.conf");

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            scope = CommandLine.ScopeType.INHERIT,
            description =
                    "The configuration. Without it: $MAILSERV_CONFIG, ./mailserv.conf, /etc/mailserv/mailserv.conf, or"
                            + " else a development server on 127.0.0.1.")
    @Nullable
    public Path config;

    @Mixin
    private ServerOptions options = new ServerOptions();

    @Override
    public Integer call() throws Exception {
        return ServerRun.run(configFile(), options);
    }

    /** Returns the options of the server that stand before the sub-command. */
    ServerOptions options() {
        return options;
    }

    /** The file that is to be read, or null for the development server. */
    @Nullable
    public Path configFile() {
        if (config != null) {
            return config;
        }
        String environment = System.getenv(ConfigFile.FILE_VARIABLE);
        if (environment != null && !environment.isBlank()) {
            return Path.of(environment);
        } else if (Files.exists(LOCAL_FILE)) {
            return LOCAL_FILE;
        }
        return Files.exists(SYSTEM_FILE) ? SYSTEM_FILE : null;
    }
}
