package org.mailserv.server.text;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.ReadOnlyFileSystemException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Failures in one line, without the names of Java's classes. */
public final class Failures {
    private static final int LONGEST = 500;
    private static final int DEEPEST = 20;
    private static final Pattern CLASS_NAME = Pattern.compile(
            "\\b(?:[a-z][a-z0-9_]*\\.){2,}([A-Z][A-Za-z0-9$]*)(?:Exception|Error|Failure)(?=[:\\s]|$):?\\s*");
    private static final Pattern SLASHED =
            Pattern.compile("(?<![\\w./-])/(?=(?:\\d{1,3}\\.){3}\\d{1,3}\\b|\\[?[0-9a-fA-F]*:[0-9a-fA-F:.]+)");

    /** The prefix of Netty's native transport: {@code finishConnect(..) failed with error(-111): }. */
    private static final Pattern SYSTEM_CALL =
            Pattern.compile("\\b\\w+\\(\\.\\.\\) failed(?: with error\\(-?\\d+\\))?: ");

    private static final Pattern MILLIS = Pattern.compile("\\b(\\d{4,9}) ?ms\\b");

    private Failures() {}

    /** Returns the reason of a failure in one line. */
    public static String text(@Nullable Throwable failure) {
        if (failure == null) {
            return "unknown reason";
        }
        Throwable cause = unwrapped(failure);
        String known = TlsFailures.text(cause);
        if (known == null) {
            known = known(cause);
        }
        return line(known != null ? known : plain(cause));
    }

    /** Returns the failure itself, without what wraps it on its way between threads. */
    public static Throwable unwrapped(Throwable failure) {
        Throwable cause = failure;
        for (int i = 0; i < DEEPEST; i++) {
            Throwable inner = cause.getCause();
            if (inner == null || !(cause instanceof CompletionException || cause instanceof ExecutionException)) {
                break;
            }
            cause = inner;
        }
        return cause;
    }

    private static @Nullable String known(Throwable failure) {
        if (failure instanceof FileSystemException file) {
            return file(file);
        } else if (failure instanceof ReadOnlyFileSystemException) {
            return "the file system is read-only";
        } else if (failure instanceof UnknownHostException || failure instanceof UnresolvedAddressException) {
            return failure.getMessage() == null ? "unknown host" : "unknown host " + failure.getMessage();
        } else if (failure instanceof ClosedChannelException) {
            return "the connection is closed";
        } else if (failure instanceof TimeoutException && failure.getMessage() == null) {
            return "no answer in time";
        } else if (failure instanceof SSLException) {
            // The outer exceptions carry no detail.
            return plain(deepest(failure));
        } else if (failure instanceof OutOfMemoryError) {
            return "out of memory";
        } else if (failure instanceof NoRouteToHostException && failure.getMessage() == null) {
            return "no route to host";
        } else if (failure instanceof ConnectException && failure.getMessage() == null) {
            return "connection refused";
        }
        return null;
    }

    private static Throwable deepest(Throwable failure) {
        Throwable deepest = failure;
        for (int i = 0; i < DEEPEST && deepest.getCause() != null && deepest.getCause() != deepest; i++) {
            deepest = deepest.getCause();
        }
        return deepest;
    }

    private static String file(FileSystemException failure) {
        String reason = failure.getReason();
        if (failure instanceof NoSuchFileException) {
            reason = "no such file or folder";
        } else if (failure instanceof AccessDeniedException) {
            reason = "permission denied";
        } else if (failure instanceof FileAlreadyExistsException) {
            reason = "exists already";
        } else if (failure instanceof NotDirectoryException) {
            reason = "is not a folder";
        } else if (failure instanceof DirectoryNotEmptyException) {
            reason = "the folder is not empty";
        }
        String name = failure.getFile();
        String other = failure.getOtherFile();
        return (name == null ? "" : name + (other == null ? "" : " -> " + other) + ": ")
                + (reason == null ? "the file system refused it" : reason);
    }

    private static String plain(Throwable failure) {
        String message = failure.getMessage();
        Throwable cause = failure.getCause();
        if (message == null || message.isBlank()) {
            return cause != null && cause != failure
                    ? text(cause)
                    : words(failure.getClass().getSimpleName());
        } else if (cause != null && message.equals(cause.toString())) {
            // Wrapped without words of its own.
            return text(cause);
        }
        return plain(message);
    }

    /** Returns the text of a library without the names of classes, and addresses without their slash. */
    public static String plain(String message) {
        String named = CLASS_NAME.matcher(message).replaceAll("");
        String shown = SLASHED.matcher(named.isBlank() ? message : named).replaceAll("");
        return MILLIS.matcher(SYSTEM_CALL.matcher(shown).replaceAll(""))
                .replaceAll(time -> Durations.text(Duration.ofMillis(Long.parseLong(time.group(1)))))
                .strip();
    }

    /** {@code IllegalStateException} as {@code illegal state}. */
    private static String words(String name) {
        String bare = name.replaceFirst("(Exception|Error)$", "");
        return bare.isEmpty()
                ? "unknown reason"
                : bare.replaceAll("(?<=[a-z0-9])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
    }

    private static String line(String text) {
        String one = text.replaceAll("\\p{Cntrl}+", " ").strip();
        return one.length() > LONGEST ? one.substring(0, LONGEST) + "..." : one;
    }
}
