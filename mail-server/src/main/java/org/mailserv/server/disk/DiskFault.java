package org.mailserv.server.disk;

import com.sun.jna.Pointer;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.nio.file.FileSystemException;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The kinds of disk faults, by the system's error number. Java does not expose the number; its exceptions carry the system's message for it, in
 * the language of the process. The expected messages are therefore read from the system, by the same process.
 */
public enum DiskFault {
    /** The file system is full (ENOSPC). */
    NO_SPACE(28, "No space left on device"),
    /** The user's disk quota is exceeded (EDQUOT). */
    QUOTA(122, "Disk quota exceeded", "Disc quota exceeded", "Quota exceeded"),
    /** The file system is mounted read-only (EROFS), as some are after a fault. */
    READ_ONLY(30, "Read-only file system"),
    /** Any other fault: hardware (EIO), permissions (EACCES), or unknown. */
    OTHER(0);

    private static final int MAX_CAUSES = 10;

    private final int number;
    private final List<String> english;

    DiskFault(int number, String... english) {
        this.number = number;
        this.english = List.of(english);
    }

    /** The system's messages. They are read once, because the language of a process does not change. */
    private static final class Texts {
        static final Map<DiskFault, String> OF_SYSTEM = load();

        private static Map<DiskFault, String> load() {
            Map<DiskFault, String> texts = new EnumMap<>(DiskFault.class);
            for (DiskFault fault : values()) {
                String text = fault.number == 0 ? null : ofSystem(fault.number);
                if (text != null && !text.isBlank()) {
                    texts.put(fault, text);
                }
            }
            return texts;
        }
    }

    /**
     * Returns the kind of a fault. Blocks a moment the first time.
     *
     * @param failure thrown by a file operation, or caused by one
     */
    public static DiskFault of(Throwable failure) {
        Throwable cause = failure;
        for (int i = 0; cause != null && i < MAX_CAUSES; i++) {
            if (cause instanceof ReadOnlyFileSystemException) {
                return READ_ONLY;
            }
            for (DiskFault fault : values()) {
                if (fault != OTHER && fault.isNamedIn(messageOf(cause))) {
                    return fault;
                }
            }
            cause = cause.getCause();
        }
        return OTHER;
    }

    /** Returns the system's message without file names, which may contain any text. */
    private static String messageOf(Throwable failure) {
        String text = failure instanceof FileSystemException problem ? problem.getReason() : failure.getMessage();
        return text == null ? "" : text;
    }

    private boolean isNamedIn(String text) {
        String own = Texts.OF_SYSTEM.get(this);
        return own != null && text.contains(own) || english.stream().anyMatch(text::contains);
    }

    /** Returns the system's message for an error number in the language of this process, or null if it is not available. */
    static @Nullable String ofSystem(int number) {
        CLibrary.Functions library = CLibrary.functions();
        Pointer text = library == null ? null : library.strerror(number);
        if (text == null) {
            return null;
        }
        byte[] octets = text.getByteArray(0, (int) text.indexOf(0, (byte) 0));
        return new String(octets, charset());
    }

    /** Returns the charset in which Java decodes system messages. */
    private static Charset charset() {
        try {
            return Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            return StandardCharsets.UTF_8;
        }
    }
}
