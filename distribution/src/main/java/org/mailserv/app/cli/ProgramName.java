package org.mailserv.app.cli;

/** The words that start this program in a shell, for commands that a text tells the operator to type. */
final class ProgramName {
    private ProgramName() {}

    /** Returns the name of the launcher that started the program, otherwise the command for the jar. */
    static String get() {
        return System.getProperty("mailserv.command", "java -jar mailserv.jar");
    }
}
