package org.mailserv.app.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.Version;
import org.mailserv.app.config.DataFolder;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.mailbox.maildir.MaildirLayout;
import org.mailserv.server.store.MailStore;

/**
 * Copies all data of the server: the queue first, then mailboxes, then users, aliases and keys. A backup contains every message acknowledged
 * before it began. Maildir files never change, so that no delivery has to wait. Messages relayed after they were copied are sent again after a
 * restore.
 */
public final class Backup {
    private static final String MARK = "mailserv-backup";
    private static final String FORMAT = "format=1";
    // Not copied with the data: files of a process, files copied separately, files that are created again.
    private static final Set<String> LEFT_OUT = Set.of("spool", "lock", "admin.sock", "domains", "history");

    private final MailservConfig config;
    private final MaildirLayout layout;
    private final Path data;
    private int files;

    public Backup(MailservConfig config) {
        this.config = config;
        DataFolder folder = new DataFolder(config, new RealDisk());
        this.layout = folder.layout();
        this.data = folder.path();
    }

    /** Writes a backup into a new or empty folder, and returns a line for the operator. Blocks. */
    public String write(MailStore store, Path target) throws IOException {
        if (Files.exists(target) && !isEmpty(target)) {
            throw new IOException(target + ": not empty (expected: a new folder)");
        }
        Files.createDirectories(target);
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwx------"));
        int messages = store.copyQueue(target.resolve("queue"));
        for (String domain : config.domains().keySet()) {
            copy(folderOf(domain), target.resolve("mail").resolve(domain), Set.of("tmp"));
        }
        copy(data, target.resolve("data"), LEFT_OUT);
        outside(config.usersFile(), target.resolve("users"));
        outside(config.aliasesFile(), target.resolve("aliases"));
        // Last: without it the copy is not whole.
        Files.writeString(
                target.resolve(MARK),
                FORMAT + "\nserver=" + Version.text() + "\ntime=" + Instant.now() + "\n",
                StandardCharsets.UTF_8);
        return messages + " queued messages and " + files + " files in " + target;
    }

    private Path folderOf(String domain) {
        return layout.folder(new MailboxName(domain, "x")).resolveSibling("");
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.findAny().isEmpty();
        }
    }

    private void outside(@Nullable Path file, Path target) throws IOException {
        if (file != null && Files.exists(file) && !file.toAbsolutePath().startsWith(data)) {
            Files.copy(file, target, StandardCopyOption.COPY_ATTRIBUTES);
            files++;
        }
    }

    /** Restores a backup while the server is down, into a data folder that does not exist yet. Returns a line for the operator. Blocks. */
    public String restore(Path source) throws IOException {
        Path mark = source.resolve(MARK);
        if (!Files.exists(mark)) {
            throw new IOException(source + ": no whole backup (expected: " + MARK + " in it)");
        }
        List<String> facts = Files.readAllLines(mark, StandardCharsets.UTF_8);
        if (!facts.contains(FORMAT)) {
            throw new IOException(mark + ": " + facts + " (expected: " + FORMAT + "; a newer mailserv made it)");
        }
        copy(source.resolve("data"), data, Set.of());
        for (String domain : config.domains().keySet()) {
            copy(copyOf(domain, source.resolve("mail")), folderOf(domain), Set.of());
        }
        copy(source.resolve("queue"), data.resolve("spool").resolve("queue"), Set.of());
        back(source.resolve("users"), config.usersFile());
        back(source.resolve("aliases"), config.aliasesFile());
        return files + " files from " + source;
    }

    /** Returns the folder of a domain's mail in a backup, which may use another form of an internationalized name. */
    private static Path copyOf(String domain, Path mail) throws IOException {
        Path folder = mail.resolve(domain);
        if (!Files.exists(folder) && Files.isDirectory(mail)) {
            try (Stream<Path> copies = Files.list(mail)) {
                return copies.filter(copy -> DomainNames.same(String.valueOf(copy.getFileName()), domain))
                        .findFirst()
                        .orElse(folder);
            }
        }
        return folder;
    }

    private void back(Path copy, @Nullable Path file) throws IOException {
        if (file != null && Files.exists(copy)) {
            Files.copy(copy, file, StandardCopyOption.COPY_ATTRIBUTES, StandardCopyOption.REPLACE_EXISTING);
            files++;
        }
    }

    private void copy(Path from, Path to, Set<String> without) throws IOException {
        if (!Files.isDirectory(from)) {
            return;
        }
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
                if (!folder.equals(from) && without.contains(String.valueOf(folder.getFileName()))) {
                    // An empty one where it belongs to a Maildir.
                    if (String.valueOf(folder.getFileName()).equals("tmp")) {
                        make(to.resolve(from.relativize(folder)));
                    }
                    return FileVisitResult.SKIP_SUBTREE;
                }
                make(to.resolve(from.relativize(folder)));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (attributes.isRegularFile() && !without.contains(String.valueOf(file.getFileName()))) {
                    Files.copy(
                            file,
                            to.resolve(from.relativize(file)),
                            StandardCopyOption.COPY_ATTRIBUTES,
                            StandardCopyOption.REPLACE_EXISTING);
                    files++;
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException problem) throws IOException {
                if (problem instanceof NoSuchFileException) {
                    // Read and deleted, or moved to cur, since we looked.
                    return FileVisitResult.CONTINUE;
                }
                throw problem;
            }
        });
    }

    private static void make(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    }
}
