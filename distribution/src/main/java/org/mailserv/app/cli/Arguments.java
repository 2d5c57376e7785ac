package org.mailserv.app.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The words of the command line in UTF-8, whatever the locale. Java decodes them by the locale, and programs such as cron run without one: each
 * octet outside ASCII is lost then. The system still has them.
 */
public final class Arguments {
    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");

    private Arguments() {}

    /** Returns the words as they were typed; those of the argument where the system does not tell. */
    public static String[] inUtf8(String[] words) {
        if (isUtf8(System.getProperty("sun.jnu.encoding"))) {
            return words;
        }
        try {
            return decoded(words, Files.readAllBytes(COMMAND_LINE));
        } catch (IOException | RuntimeException e) {
            return words;
        }
    }

    /** Lets all output be UTF-8 where the locale knows no characters at all. */
    public static void printInUtf8() {
        if (!isUtf8(System.getProperty("sun.jnu.encoding"))) {
            System.setOut(new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8));
        }
    }

    private static boolean isUtf8(@Nullable String encoding) {
        return encoding != null && Charset.isSupported(encoding) && Charset.forName(encoding) == StandardCharsets.UTF_8;
    }

    /**
     * Decodes the last words of a command line.
     *
     * @param words as the platform decoded them
     * @param octets of the whole command line, a NUL after each word
     */
    public static String[] decoded(String[] words, byte[] octets) {
        List<byte[]> all = new ArrayList<>();
        int start = 0;
        for (int at = 0; at < octets.length; at++) {
            if (octets[at] == 0) {
                all.add(Arrays.copyOfRange(octets, start, at));
                start = at + 1;
            }
        }
        if (all.size() < words.length) {
            return words;
        }
        String[] decoded = new String[words.length];
        for (int i = 0; i < words.length; i++) {
            decoded[i] = decoded(words[i], all.get(all.size() - words.length + i));
        }
        return decoded;
    }

    private static String decoded(String word, byte[] octets) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(octets))
                    .toString();
        } catch (CharacterCodingException e) {
            return word;
        }
    }
}
