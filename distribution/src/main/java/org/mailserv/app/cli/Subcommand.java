package org.mailserv.app.cli;

import java.io.PrintWriter;
import org.mailserv.app.config.ConfigFile;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.OwnerOfData;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.control.ControlClient;
import org.mailserv.server.config.ConfigurationException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** The parts that subcommands of {@code mailserv} share: the configuration, the output, and usage mistakes. */
abstract class Subcommand {
    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    MailservCommand parent;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    /** Reads the configuration of the command line. */
    final MailservConfig config() throws ConfigurationException {
        return ConfigFile.load(parent.configFile());
    }

    /** Reads the configuration, and continues as the owner of the data folder: the server could not read files of root. */
    final MailservConfig configAsOwner() throws ConfigurationException, StartupException {
        MailservConfig config = config();
        OwnerOfData.become(config.dataDir());
        return config;
    }

    /** Returns a client of the server with this configuration. */
    static ControlClient server(MailservConfig config) {
        return new ControlClient(config.dataDir());
    }

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    final PrintWriter err() {
        return spec.commandLine().getErr();
    }

    final ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
