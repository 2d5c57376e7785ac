package org.mailserv.app.server;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.mailserv.app.config.OwnerOfData;

/** Copies folders and files of the data folder for backup and restore, with their times, and counts the files. */
final class FolderCopy {
    private final OwnerOfData.Owner owner;
    private int files;

    /** @param owner of what is created */
    FolderCopy(OwnerOfData.Owner owner) {
        this.owner = owner;
    }

    /** Returns the number of files copied so far. */
    int files() {
        return files;
    }

    /** Copies a file, whose target is replaced. Blocks. */
    void file(Path from, Path to) throws IOException {
        Path parent = to.toAbsolutePath().getParent();
        if (parent != null && !Files.exists(parent)) {
            make(parent);
        }
        Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES, StandardCopyOption.REPLACE_EXISTING);
        owner.give(to);
        files++;
    }

    /**
     * Copies a folder; one that does not exist is an empty one. Files that disappear meanwhile are left out. Blocks.
     *
     * @param without names of files and folders to leave out; {@code tmp} becomes an empty folder, as a Maildir needs it
     */
    void folder(Path from, Path to, Set<String> without) throws IOException {
        if (Files.isDirectory(from)) {
            Files.walkFileTree(from, new Copier(from, to, without));
        }
    }

    private final class Copier extends SimpleFileVisitor<Path> {
        private final Path from;
        private final Path to;
        private final Set<String> without;

        Copier(Path from, Path to, Set<String> without) {
            this.from = from;
            this.to = to;
            this.without = without;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
            String name = String.valueOf(folder.getFileName());
            boolean left = !folder.equals(from) && without.contains(name);
            if (!left || name.equals("tmp")) {
                make(to.resolve(from.relativize(folder)));
            }
            return left ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            if (attributes.isRegularFile() && !without.contains(String.valueOf(file.getFileName()))) {
                file(file, to.resolve(from.relativize(file)));
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
    }

    /** Creates a folder, and its parents if they are missing, for the owner alone. */
    private void make(Path folder) throws IOException {
        List<Path> missing = new ArrayList<>();
        for (Path path = folder.toAbsolutePath(); path != null && !Files.exists(path); path = path.getParent()) {
            missing.add(path);
        }
        Files.createDirectories(folder);
        for (Path made : missing) {
            Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwx------"));
            owner.give(made);
        }
    }
}
