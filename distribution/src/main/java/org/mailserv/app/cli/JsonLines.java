package org.mailserv.app.cli;

/** The form of {@code --json}, which is the same for all commands: JSON Lines. */
final class JsonLines {
    /** Description of the option. */
    static final String HELP = "Prints a JSON object per line.";

    private JsonLines() {}
}
