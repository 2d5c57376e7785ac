package org.mailserv.server.disk;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * A real disk that remembers every operation, and can make the folder anew as it would be found after the power went at any of them: with
 * what was synced for certain, and with more or less of the rest.
 */
public final class RecordingDisk implements Disk {
    private final RealDisk real = new RealDisk();
    private final Path root;
    private final List<Operation> operations = new ArrayList<>();
    private final Map<Path, Integer> files = new HashMap<>();
    private final Predicate<String> ignoredSync;
    private int nextFile;

    private record Operation(Kind kind, Path path, Path target, int file, long position, byte[] octets) {}

    private enum Kind {
        CREATE,
        WRITE,
        SYNC,
        RENAME,
        LINK,
        DELETE,
        MKDIR,
        SYNCDIR
    }

    /** What of the unsynced survives. */
    public enum Survival {
        /** Nothing. */
        NOTHING,
        /** All names, no contents. */
        NAMES,
        /** All contents, no names. */
        CONTENTS,
        /** Everything, as after a crash of the process alone. */
        EVERYTHING,
        /** Everything, but half of the last write. */
        TORN
    }

    /** @param ignoredSync syncs that do nothing, by a text of kind and path: to see that a test would notice */
    public RecordingDisk(Path root, Predicate<String> ignoredSync) {
        this.root = root;
        this.ignoredSync = ignoredSync;
    }

    /** Operations so far. */
    public synchronized int count() {
        return operations.size();
    }

    private synchronized void record(Kind kind, Path path, Path target, int file, long position, byte[] octets) {
        operations.add(new Operation(kind, path, target, file, position, octets));
    }

    @Override
    public DiskFile create(Path path) throws IOException {
        DiskFile file = real.create(path);
        int number;
        synchronized (this) {
            number = nextFile++;
            files.put(path, number);
            record(Kind.CREATE, path, null, number, 0, null);
        }
        return new RecordedFile(file, number);
    }

    @Override
    public DiskFile openForWrite(Path path) throws IOException {
        DiskFile file = real.openForWrite(path);
        synchronized (this) {
            return new RecordedFile(file, files.get(path));
        }
    }

    @Override
    public FileChannel openForRead(Path path) throws IOException {
        return real.openForRead(path);
    }

    @Override
    public synchronized void rename(Path from, Path to) throws IOException {
        real.rename(from, to);
        files.put(to, files.remove(from));
        record(Kind.RENAME, from, to, 0, 0, null);
    }

    @Override
    public synchronized void link(Path existing, Path link) throws IOException {
        real.link(existing, link);
        files.put(link, files.get(existing));
        record(Kind.LINK, existing, link, 0, 0, null);
    }

    @Override
    public synchronized boolean delete(Path path) throws IOException {
        boolean deleted = real.delete(path);
        if (deleted) {
            files.remove(path);
            record(Kind.DELETE, path, null, 0, 0, null);
        }
        return deleted;
    }

    @Override
    public synchronized boolean createDirectories(Path folder) throws IOException {
        boolean created = real.createDirectories(folder);
        if (created) {
            record(Kind.MKDIR, folder, null, 0, 0, null);
        }
        return created;
    }

    @Override
    public synchronized void syncDirectory(Path folder) throws IOException {
        real.attributes(folder);
        if (!ignoredSync.test("dir " + root.relativize(folder))) {
            record(Kind.SYNCDIR, folder, null, 0, 0, null);
        }
    }

    @Override
    public synchronized boolean syncFile(Path path) throws IOException {
        if (!real.exists(path)) {
            return false;
        }
        if (!ignoredSync.test("file " + root.relativize(path))) {
            record(Kind.SYNC, path, null, files.get(path), 0, null);
        }
        return true;
    }

    @Override
    public List<String> list(Path folder) throws IOException {
        return real.list(folder);
    }

    @Override
    public boolean exists(Path path) {
        return real.exists(path);
    }

    @Override
    public BasicFileAttributes attributes(Path path) throws IOException {
        return real.attributes(path);
    }

    @Override
    public double freeFraction(Path path) {
        return 1;
    }

    /** Makes the folder as it is found when the power goes behind so many operations. */
    public synchronized void restore(int prefix, Survival survival, Path target) throws IOException {
        State state = new State();
        int lastWrite = -1;
        for (int i = 0; i < prefix; i++) {
            Operation operation = operations.get(i);
            if (operation.kind == Kind.WRITE) {
                lastWrite = i;
            } else if (operation.kind == Kind.SYNC
                    && lastWrite >= 0
                    && operations.get(lastWrite).file == operation.file) {
                // What was synced is not torn.
                lastWrite = -1;
            }
        }
        for (int i = 0; i < prefix; i++) {
            Operation operation = operations.get(i);
            boolean torn = survival == Survival.TORN && i == lastWrite;
            state.apply(
                    torn && operation.octets.length > 1
                            ? new Operation(
                                    operation.kind,
                                    operation.path,
                                    null,
                                    operation.file,
                                    operation.position,
                                    Arrays.copyOf(operation.octets, operation.octets.length / 2))
                            : operation);
        }
        state.write(survival, target);
    }

    /** Names and contents, as the programs see them and as the disk has them. */
    private final class State {
        private final Map<Integer, byte[]> seen = new HashMap<>();
        private final Map<Integer, byte[]> synced = new HashMap<>();
        private final Map<Path, Integer> names = new LinkedHashMap<>();
        private final Map<Path, Integer> syncedNames = new LinkedHashMap<>();
        private final Set<Path> folders = new TreeSet<>();
        private final Set<Path> syncedFolders = new HashSet<>();

        void apply(Operation operation) {
            switch (operation.kind) {
                case CREATE -> {
                    seen.put(operation.file, new byte[0]);
                    synced.put(operation.file, new byte[0]);
                    names.put(operation.path, operation.file);
                }
                case WRITE -> seen.merge(operation.file, new byte[0], (old, none) -> written(old, operation));
                case SYNC -> synced.put(operation.file, seen.get(operation.file));
                case RENAME -> names.put(operation.target, names.remove(operation.path));
                case LINK -> names.put(operation.target, names.get(operation.path));
                case DELETE -> names.remove(operation.path);
                case MKDIR -> {
                    for (Path folder = operation.path;
                            folder != null && !folder.equals(root);
                            folder = folder.getParent()) {
                        folders.add(folder);
                    }
                }
                case SYNCDIR -> syncFolder(operation.path);
            }
        }

        private byte[] written(byte[] old, Operation operation) {
            int end = (int) operation.position + operation.octets.length;
            byte[] content = Arrays.copyOf(old, Math.max(old.length, end));
            System.arraycopy(operation.octets, 0, content, (int) operation.position, operation.octets.length);
            return content;
        }

        private void syncFolder(Path folder) {
            syncedNames.keySet().removeIf(name -> name.getParent().equals(folder));
            names.forEach((name, file) -> {
                if (name.getParent().equals(folder)) {
                    syncedNames.put(name, file);
                }
            });
            folders.stream().filter(name -> name.getParent().equals(folder)).forEach(syncedFolders::add);
        }

        void write(Survival survival, Path target) throws IOException {
            boolean allNames = survival != Survival.NOTHING && survival != Survival.CONTENTS;
            boolean allContents = survival != Survival.NOTHING && survival != Survival.NAMES;
            Files.createDirectories(target);
            for (Path folder : folders) {
                if (allNames || reachable(folder)) {
                    Files.createDirectories(moved(folder, target));
                }
            }
            for (Map.Entry<Path, Integer> name : (allNames ? names : syncedNames).entrySet()) {
                if (allNames || reachable(name.getKey().getParent())) {
                    byte[] content = (allContents ? seen : synced).get(name.getValue());
                    Files.write(moved(name.getKey(), target), content);
                }
            }
        }

        private boolean reachable(Path folder) {
            for (Path above = folder; !above.equals(root); above = above.getParent()) {
                if (!syncedFolders.contains(above)) {
                    return false;
                }
            }
            return true;
        }

        private Path moved(Path path, Path target) {
            return target.resolve(root.relativize(path).toString());
        }
    }

    private final class RecordedFile implements DiskFile, GatheringByteChannel {
        private final DiskFile file;
        private final int number;
        private long end;

        RecordedFile(DiskFile file, int number) {
            this.file = file;
            this.number = number;
        }

        private byte[] copy(ByteBuffer octets) {
            byte[] copy = new byte[octets.remaining()];
            octets.duplicate().get(copy);
            return copy;
        }

        @Override
        public void append(ByteBuffer octets) throws IOException {
            write(octets);
        }

        @Override
        public void write(ByteBuffer octets, long position) throws IOException {
            byte[] copy = copy(octets);
            file.write(octets, position);
            record(Kind.WRITE, null, null, number, position, copy);
        }

        @Override
        public int write(ByteBuffer octets) throws IOException {
            byte[] copy = copy(octets);
            file.append(octets);
            record(Kind.WRITE, null, null, number, end, copy);
            end += copy.length;
            return copy.length;
        }

        @Override
        public long write(ByteBuffer[] octets, int offset, int length) throws IOException {
            long written = 0;
            for (int i = offset; i < offset + length; i++) {
                written += write(octets[i]);
            }
            return written;
        }

        @Override
        public long write(ByteBuffer[] octets) throws IOException {
            return write(octets, 0, octets.length);
        }

        @Override
        public GatheringByteChannel appender() {
            return this;
        }

        @Override
        public void sync() throws IOException {
            if (!ignoredSync.test("file " + name())) {
                record(Kind.SYNC, null, null, number, 0, null);
            }
        }

        private String name() {
            synchronized (RecordingDisk.this) {
                return files.entrySet().stream()
                        .filter(entry -> entry.getValue() == number)
                        .map(entry -> root.relativize(entry.getKey()).toString())
                        .findFirst()
                        .orElse("gone");
            }
        }

        @Override
        public FileChannel channel() {
            return file.channel();
        }

        @Override
        public boolean isOpen() {
            return file.channel().isOpen();
        }

        @Override
        public void close() {
            try {
                file.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
