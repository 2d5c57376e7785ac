package org.mailserv.app.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.Version;
import org.mailserv.app.config.AddedDomains;
import org.mailserv.app.config.DataFolder;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.OwnerOfData;
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

    public Backup(MailservConfig config) {
        this.config = config;
        DataFolder folder = new DataFolder(config, new RealDisk());
        this.layout = folder.layout();
        this.data = folder.path();
    }

    /** Writes a backup into a new or empty folder, and returns a line for the operator. Blocks. */
    public String write(MailStore store, Path target) throws IOException {
        create(target.toAbsolutePath().normalize());
        FolderCopy copy = new FolderCopy(new OwnerOfData.Owner(-1, -1));
        int messages = store.copyQueue(target.resolve("queue"));
        for (String domain : config.domains().keySet()) {
            copy.folder(folderOf(domain), target.resolve("mail").resolve(domain), Set.of("tmp"));
        }
        copy.folder(data, target.resolve("data"), LEFT_OUT);
        outside(config.usersFile(), target.resolve("users"), copy);
        outside(config.aliasesFile(), target.resolve("aliases"), copy);
        // Last: without it the copy is not whole.
        Files.writeString(
                target.resolve(MARK),
                FORMAT + "\nserver=" + Version.text() + "\ntime=" + Instant.now() + "\n",
                StandardCharsets.UTF_8);
        return messages + " queued messages and " + copy.files() + " files in " + target;
    }

    private void create(Path target) throws IOException {
        Path own = ownFolder(target);
        if (own != null) {
            throw new IOException(target + ": lies in " + own + ", which is copied (expected: a folder outside of it)");
        }
        try {
            if (Files.exists(target) && !isEmpty(target)) {
                throw new IOException(target + ": not empty (expected: a new folder)");
            }
            Files.createDirectories(target);
            Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwx------"));
        } catch (AccessDeniedException e) {
            String user = config.user() == null ? System.getProperty("user.name") : config.user();
            throw new IOException(
                    target + ": permission denied to " + user + ", the server's user (`install -d -m 700 -o " + user
                            + " " + target.getParent() + "` makes a folder for backups)",
                    e);
        }
    }

    /** Returns the folder of the server's data that contains a path, or null: a copy inside would copy itself. */
    private @Nullable Path ownFolder(Path target) {
        return Stream.concat(Stream.of(data), config.domains().keySet().stream().map(this::folderOf))
                .map(folder -> folder.toAbsolutePath().normalize())
                .filter(target::startsWith)
                .findFirst()
                .orElse(null);
    }

    private Path folderOf(String domain) {
        return layout.folder(new MailboxName(domain, "x")).resolveSibling("");
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.findAny().isEmpty();
        }
    }

    private void outside(@Nullable Path file, Path target, FolderCopy copy) throws IOException {
        if (file != null && Files.exists(file) && !file.toAbsolutePath().startsWith(data)) {
            copy.file(file, target);
        }
    }

    /**
     * Restores a backup while the server is down, into a data folder that does not exist yet. Returns a line for the operator. Blocks.
     *
     * @param owner of the restored files: the user that the server runs as
     */
    public String restore(Path source, OwnerOfData.Owner owner) throws IOException {
        FolderCopy copy = new FolderCopy(owner);
        Path mark = source.resolve(MARK);
        if (!Files.exists(mark)) {
            throw new IOException(source + ": no whole backup (expected: " + MARK + " in it)");
        }
        List<String> facts = Files.readAllLines(mark, StandardCharsets.UTF_8);
        if (!facts.contains(FORMAT)) {
            throw new IOException(
                    mark + ": " + String.join(", ", facts) + " (expected: " + FORMAT + "; a newer mailserv made it)");
        }
        copy.folder(source.resolve("data"), data, Set.of());
        Set<String> domains = new LinkedHashSet<>(config.domains().keySet());
        // The configuration was read before the list of added domains was back.
        domains.addAll(new AddedDomains(source.resolve("data")).read());
        for (String domain : domains) {
            copy.folder(copyOf(domain, source.resolve("mail")), folderOf(domain), Set.of());
        }
        copy.folder(source.resolve("queue"), data.resolve("spool").resolve("queue"), Set.of());
        back(source.resolve("users"), config.usersFile(), copy);
        back(source.resolve("aliases"), config.aliasesFile(), copy);
        return copy.files() + " files from " + source;
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

    private static void back(Path kept, @Nullable Path file, FolderCopy copy) throws IOException {
        if (file != null && Files.exists(kept)) {
            copy.file(kept, file);
        }
    }
}
