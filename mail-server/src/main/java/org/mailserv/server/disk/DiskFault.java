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
 * Kinds of faults of a disk, by the error number of the system. Java keeps the number to itself and puts the system's text for it into its
 * exceptions, in the language of the process; the texts that are looked for are therefore asked from the system, in the same process.
 */
public enum DiskFault {
    /** The file system is full (ENOSPC). */
    NO_SPACE(28, "No space left on device"),
    /** The user may not use more of the file system (EDQUOT). */
    QUOTA(122, "Disk quota exceeded", "Disc quota exceeded", "Quota exceeded"),
    /** The file system is mounted for reading only (EROFS), as some are after a fault. */
    READ_ONLY(30, "Read-only file system"),
    /** Every other one: of the hardware (EIO), of rights (EACCES), or unknown. */
    OTHER(0);

    private static final int MAX_CAUSES = 10;

    private final int number;
    private final List<String> english;

    DiskFault(int number, String... english) {
        this.number = number;
        this.english = List.of(english);
    }

    /** Asked once: the language of a process does not change. */
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
     * @param failure as an operation on files has thrown it, or a failure that was caused by one
     */
    public static DiskFault of(Throwable failure) {
        Throwable cause = failure;
        for (int i = 0; cause != null && i < MAX_CAUSES; i++) {
            if (cause instanceof ReadOnlyFileSystemException) {
                return READ_ONLY;
            }
            for (DiskFault fault : values()) {
                if (fault != OTHER && fault.isSaidBy(said(cause))) {
                    return fault;
                }
            }
            cause = cause.getCause();
        }
        return OTHER;
    }

    /** The system's text, without the names of files, which are anybody's. */
    private static String said(Throwable failure) {
        String text = failure instanceof FileSystemException problem ? problem.getReason() : failure.getMessage();
        return text == null ? "" : text;
    }

    private boolean isSaidBy(String text) {
        String own = Texts.OF_SYSTEM.get(this);
        return own != null && text.contains(own) || english.stream().anyMatch(text::contains);
    }

    /** The system's text for an error number, in the language of this process; null where it cannot be asked. */
    static @Nullable String ofSystem(int number) {
        CLibrary.Functions library = CLibrary.functions();
        Pointer text = library == null ? null : library.strerror(number);
        if (text == null) {
            return null;
        }
        byte[] octets = text.getByteArray(0, (int) text.indexOf(0, (byte) 0));
        return new String(octets, charset());
    }

    /** The charset in which Java reads texts of the system. */
    private static Charset charset() {
        try {
            return Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            return StandardCharsets.UTF_8;
        }
    }
}
