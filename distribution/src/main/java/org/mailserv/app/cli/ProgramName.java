package org.mailserv.app.cli;

/** The words that start this program in a shell, for commands that a text tells the operator to type. */
final class ProgramName {
    private static final String LAUNCHER = "mailserv.command";

    private ProgramName() {}

    /** Returns whether the launcher of the packages or of the image started the program. */
    static boolean isLauncher() {
        return System.getProperty(LAUNCHER) != null;
    }

    /** Returns the name of the launcher that started the program, otherwise the command for the jar. */
    static String get() {
        return System.getProperty(LAUNCHER, "java -jar mailserv.jar");
    }
}
