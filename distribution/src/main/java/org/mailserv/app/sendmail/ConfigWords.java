package org.mailserv.app.sendmail;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Recognizes words of a command line that name a configuration. */
public final class ConfigWords {
    private ConfigWords() {}

    /** Returns whether a word is the path of a file that exists. */
    static boolean isFile(String word) {
        try {
            return Files.isRegularFile(Path.of(word));
        } catch (InvalidPathException e) {
            return false;
        }
    }
}
