package org.mailserv.app.cli;

import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Asks for a password, twice at a terminal; never takes one from the command line, where others can see it. */
public final class PasswordPrompt {
    private PasswordPrompt() {}

    static String read(boolean fromInput, CommandSpec spec) throws IOException {
        Console console = Terminal.console();
        if (fromInput || console == null) {
            String line = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
            return checked(line == null ? "" : line, spec);
        }
        char[] first = console.readPassword("Password: ");
        char[] second = console.readPassword("Again: ");
        if (first == null || second == null || !Arrays.equals(first, second)) {
            throw new CommandLine.ParameterException(spec.commandLine(), "The passwords are not the same");
        }
        return checked(new String(first), spec);
    }

    private static String checked(String password, CommandSpec spec) {
        if (password.isEmpty()) {
            throw new CommandLine.ParameterException(spec.commandLine(), "The password is empty");
        }
        return password;
    }
}
