package org.mailserv.server.disk;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Files that people and other programs write. */
public final class TextFile {
    private TextFile() {}

    /** The lines of a file: in UTF-8, or in Latin-1 where one octet is none of it, as in a name from old times. Blocks. */
    public static List<String> lines(Path file) throws IOException {
        try {
            return Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (CharacterCodingException e) {
            return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
        }
    }
}
