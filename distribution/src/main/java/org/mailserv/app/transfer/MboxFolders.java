package org.mailserv.app.transfer;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.mailserv.server.disk.FileNames;

/** A directory of mbox files, one per folder, as Dovecot, UW-IMAP and mail programs use it: {@code mail/Sent}. */
public final class MboxFolders implements MailSource {
    private static final Set<String> INBOX = Set.of("inbox", "mbox");
    private static final int MOST_FOLDERS_DEEP = 20;

    private final Path root;
    private final String uidFormat;

    MboxFolders(Path root, String uidFormat) {
        this.root = root;
        this.uidFormat = uidFormat;
    }

    /** Returns whether a directory has an mbox file in it. */
    static boolean isThere(Path root) throws IOException {
        for (Path entry : entries(root)) {
            if (Files.isRegularFile(entry) && Files.size(entry) > 0 && MboxSource.isMbox(entry)) {
                return true;
            }
        }
        return false;
    }

    private static List<Path> entries(Path folder) throws IOException {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
            stream.forEach(entries::add);
        }
        // Names that begin with a dot are indexes, and so are certain names of Dovecot and Thunderbird.
        entries.removeIf(entry -> FileNames.of(entry).matches("\\..*|dovecot.*|subscriptions|.*\\.msf|.*\\.lock"));
        entries.sort(Comparator.comparing(FileNames::of));
        return entries;
    }

    @Override
    public void read(Sink sink) throws IOException {
        read(root, "", 0, sink);
    }

    private void read(Path folder, String prefix, int depth, Sink sink) throws IOException {
        for (Path entry : entries(folder)) {
            String name = FileNames.of(entry);
            // Thunderbird keeps nested folders in NAME.sbd.
            String target = prefix + "." + name.replaceAll("\\.sbd$", "").replace('.', '_');
            if (Files.isSymbolicLink(entry)) {
                sink.refused(entry.toString(), "a symbolic link");
            } else if (Files.isDirectory(entry)) {
                if (depth < MOST_FOLDERS_DEEP) {
                    read(entry, target, depth + 1, sink);
                }
            } else {
                boolean inbox = prefix.isEmpty() && INBOX.contains(name.toLowerCase(Locale.ROOT));
                readFile(entry, inbox ? "" : target, sink);
            }
        }
    }

    private void readFile(Path file, String folder, Sink sink) throws IOException {
        if (!Files.isReadable(file)) {
            sink.refused(file.toString(), "permission denied");
        } else if (!Files.isRegularFile(file) || !MboxSource.isMbox(file)) {
            sink.refused(file.toString(), "no mbox file");
        } else {
            new MboxSource(file, folder, uidFormat).read(sink);
        }
    }
}
