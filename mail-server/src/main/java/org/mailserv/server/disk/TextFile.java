package org.mailserv.server.disk;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Text files written by people and other programs. */
public final class TextFile {
    private TextFile() {}

    /** Returns the lines of a file, decoded as UTF-8, or as Latin-1 if the file is not valid UTF-8. Blocks. */
    public static List<String> lines(Path file) throws IOException {
        try {
            return Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (CharacterCodingException e) {
            return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
        }
    }
}
