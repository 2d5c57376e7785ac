package org.mailserv.app.cli;

import java.io.Console;
import org.jspecify.annotations.Nullable;

/** The terminal that a person sits at, if any. */
public final class Terminal {
    private Terminal() {}

    /** Returns the console, or null where standard input or output is not a terminal. */
    static @Nullable Console console() {
        Console console = System.console();
        return console != null && isTerminal(console) ? console : null;
    }

    /** Since Java 22 there is a console without a terminal too, which says so. Before that, a console is a terminal. */
    private static boolean isTerminal(Console console) {
        try {
            return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException e) {
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }
}
