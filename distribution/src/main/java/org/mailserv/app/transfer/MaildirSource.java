package org.mailserv.app.transfer;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.disk.FileNames;
import org.mailserv.server.mailbox.maildir.MaildirName;
import org.mailserv.server.text.Failures;

/**
 * A Maildir with all its folders, those of Maildir++ ({@code .Sent}) and those of Dovecot's {@code LAYOUT=fs} ({@code Sent}). Symbolic
 * links are not followed: otherwise the owner of the Maildir could have any file read that the importing user can read.
 */
public final class MaildirSource implements MailSource {
    private static final Pattern ARRIVAL = Pattern.compile("([0-9]{9,11})\\.(?:.*?M([0-9]{1,6})(?![0-9]))?.*");
    private static final List<String> PARTS = List.of("cur", "new");
    private static final int MOST_FOLDERS_DEEP = 20;

    private final Path root;
    private final String uidFormat;

    MaildirSource(Path root, String uidFormat) {
        this.root = root;
        this.uidFormat = uidFormat;
    }

    /** A file that has not been read yet. */
    private record Found(Path file, String name, boolean fresh, Instant modified, UidLists.@Nullable Known known) {
        /** Returns the time of delivery from the file name, if it contains one: seconds and microseconds. */
        long arrival() {
            Matcher matcher = ARRIVAL.matcher(name);
            if (!matcher.matches()) {
                return ChronoUnit.MICROS.between(Instant.EPOCH, modified);
            }
            String micros = matcher.group(2);
            return Long.parseLong(matcher.group(1)) * 1_000_000 + (micros == null ? 0 : Long.parseLong(micros));
        }

        long order() {
            return known == null ? Long.MAX_VALUE : known.order();
        }
    }

    static boolean isMaildir(Path folder) {
        return PARTS.stream().anyMatch(part -> Files.isDirectory(folder.resolve(part), LinkOption.NOFOLLOW_LINKS));
    }

    @Override
    public void read(Sink sink) throws IOException {
        Map<String, Path> folders = new TreeMap<>();
        folders.put("", root);
        findFolders(root, "", 0, folders, sink);
        for (Map.Entry<String, Path> folder : folders.entrySet()) {
            readFolder(folder.getKey(), folder.getValue(), sink);
        }
    }

    private static void findFolders(Path parent, String prefix, int depth, Map<String, Path> folders, Sink sink)
            throws IOException {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(parent)) {
            stream.forEach(entries::add);
        }
        for (Path entry : entries) {
            String name = FileNames.of(entry);
            if (name.equals("cur") || name.equals("new") || name.equals("tmp") || !Files.isDirectory(entry)) {
                continue;
            } else if (Files.isSymbolicLink(entry)) {
                sink.refused(entry.toString(), "a symbolic link");
                continue;
            }
            try {
                // Maildir++ keeps its folders side by side, with dots for the hierarchy. The other layout nests
                // directories.
                boolean side = name.startsWith(".");
                String target = side && prefix.isEmpty() ? name : prefix + "." + name.replace('.', '_');
                if (isMaildir(entry)) {
                    folders.put(target, entry);
                }
                if (!side && depth < MOST_FOLDERS_DEEP) {
                    findFolders(entry, target, depth + 1, folders, sink);
                }
            } catch (IOException e) {
                sink.refused(entry.toString(), reason(e));
            }
        }
    }

    private void readFolder(String folder, Path maildir, Sink sink) throws IOException {
        List<Found> found = new ArrayList<>();
        try {
            UidLists uids = UidLists.read(maildir, uidFormat);
            for (String part : PARTS) {
                find(maildir.resolve(part), part.equals("new"), uids, found, sink);
            }
            for (String companion : List.of("subscriptions", "dovecot-keywords")) {
                Path file = maildir.resolve(companion);
                if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                    sink.companion(folder, companion, Files.readAllBytes(file));
                }
            }
        } catch (IOException e) {
            sink.refused(maildir.toString(), reason(e));
        }
        found.sort(Comparator.comparingLong(Found::order)
                .thenComparingLong(Found::arrival)
                .thenComparing(Found::modified)
                .thenComparing(Found::name));
        for (Found message : found) {
            try {
                read(folder, message, sink);
            } catch (UnreadableException e) {
                sink.refused(message.file().toString(), Failures.text(e));
            }
        }
    }

    private static void find(Path part, boolean fresh, UidLists uids, List<Found> found, Sink sink) throws IOException {
        if (!Files.isDirectory(part, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(part)) {
            for (Path file : stream) {
                String name = FileNames.of(file);
                if (name.startsWith(".")) {
                    continue;
                }
                BasicFileAttributes attributes =
                        Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                if (!attributes.isRegularFile()) {
                    sink.refused(file.toString(), attributes.isSymbolicLink() ? "a symbolic link" : "not a file");
                    continue;
                }
                found.add(new Found(
                        file,
                        name,
                        fresh,
                        attributes.lastModifiedTime().toInstant(),
                        uids.find(MaildirName.unique(name))));
            }
        }
    }

    private static void read(String folder, Found message, Sink sink) throws IOException {
        String unique = MaildirName.unique(message.name());
        try (InputStream in = open(message.file())) {
            Incoming incoming = sink.begin();
            try {
                copy(in, incoming);
            } catch (UnreadableException e) {
                incoming.abort();
                throw e;
            }
            UidLists.Known known = message.known();
            // Without a list the name may be the id, as in qmail, older Courier and mailserv.
            String uid = known != null ? known.uid() : MaildirName.uid(unique);
            incoming.end(new Facts(
                    folder,
                    UidLists.withoutSizes(unique),
                    folder.isEmpty() ? uid : null,
                    message.modified(),
                    flags(message.name()),
                    message.fresh()));
        }
    }

    private static void copy(InputStream in, Incoming incoming) throws IOException {
        byte[] buffer = new byte[64 * 1024];
        while (true) {
            int count;
            try {
                count = in.read(buffer);
            } catch (IOException e) {
                throw new UnreadableException(reason(e));
            }
            if (count < 0) {
                return;
            }
            incoming.content().write(buffer, 0, count);
        }
    }

    /** Opens a message. Files compressed by Dovecot's zlib plugin are supported if Java knows the format. */
    private static InputStream open(Path file) throws UnreadableException {
        try {
            InputStream in = new BufferedInputStream(Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS), 64 * 1024);
            try {
                in.mark(16);
                byte[] first = in.readNBytes(8);
                in.reset();
                if (begins(first, 0x1F, 0x8B)) {
                    return new GZIPInputStream(in);
                }
                String other = unknownForm(first);
                if (other != null) {
                    throw new UnreadableException(other + " (expected: plain text or gzip; on the old server, "
                            + "`doveadm sync` or `doveadm backup` to a maildir without the plugin writes that)");
                }
                return in;
            } catch (IOException e) {
                in.close();
                throw e;
            }
        } catch (UnreadableException e) {
            throw e;
        } catch (IOException e) {
            throw new UnreadableException(reason(e));
        }
    }

    private static @Nullable String unknownForm(byte[] first) {
        if (begins(first, 'B', 'Z', 'h') && first.length > 4 && first[4] == 0x31) {
            return "compressed by bzip2";
        } else if (begins(first, 0x28, 0xB5, 0x2F, 0xFD)) {
            return "compressed by zstd";
        } else if (begins(first, 0xFD, '7', 'z', 'X', 'Z')) {
            return "compressed by xz";
        } else if (begins(first, 0x04, 0x22, 0x4D, 0x18) || begins(first, 'D', 'o', 'v', 'e', 'c', 'o', 't', '-')) {
            return "compressed by lz4";
        }
        return begins(first, 'C', 'R', 'Y', 'P', 'T', 'E', 'D', 3) ? "encrypted by mail-crypt" : null;
    }

    private static boolean begins(byte[] octets, int... expected) {
        if (octets.length < expected.length) {
            return false;
        }
        for (int i = 0; i < expected.length; i++) {
            if ((octets[i] & 0xFF) != expected[i]) {
                return false;
            }
        }
        return true;
    }

    /** Returns the letters, each once, in the order that Maildir requires. Dovecot's Z only marks compressed files. */
    private static String flags(String name) {
        StringBuilder flags = new StringBuilder();
        MaildirName.flags(name)
                .chars()
                .takeWhile(c -> c != ',')
                .filter(c -> c >= 'A' && c < 'Z' || c >= 'a' && c <= 'z')
                .sorted()
                .distinct()
                .forEach(c -> flags.append((char) c));
        return flags.toString();
    }

    static String reason(IOException e) {
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        return e instanceof NoSuchFileException ? "it is gone" : Failures.text(e);
    }

    /** Thrown if one message cannot be read; others may be readable. */
    private static final class UnreadableException extends IOException {
        private static final long serialVersionUID = 1;

        UnreadableException(String reason) {
            super(reason);
        }
    }
}
