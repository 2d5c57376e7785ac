package org.mailserv.server.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A real disk that remembers every operation, and can say what would be found after the power went at any of them: what was synced for
 * certain, and more or less of the rest.
 *
 * <p>Of what was not synced, each write to a file and each change of a name may or may not be there, in any choice, but for two things
 * that every file system holds: the changes of one name come in their order, and where the old name of a rename has gone, the new one is
 * there.
 */
public final class RecordingDisk extends ForwardingDisk {
    private final Path root;
    private final List<Operation> operations = new ArrayList<>();
    private final Map<Path, Integer> files = new HashMap<>();
    private final Predicate<String> ignoredSync;
    private int nextFile;
    private int baseline;
    private State state = new State();
    private int appliedOperations;

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

    /** A disk over a folder that has something in it, all of which is durable. */
    public static RecordingDisk over(Path root) throws IOException {
        RecordingDisk disk = new RecordingDisk(root, sync -> false);
        List<Path> found;
        try (Stream<Path> paths = Files.walk(root)) {
            found = paths.toList();
        }
        for (Path path : found) {
            if (Files.isDirectory(path)) {
                disk.record(Kind.MKDIR, path, null, 0, 0, null);
            } else {
                int number = disk.nextFile++;
                disk.files.put(path, number);
                disk.record(Kind.CREATE, path, null, number, 0, null);
                disk.record(Kind.WRITE, null, null, number, 0, Files.readAllBytes(path));
                disk.record(Kind.SYNC, path, null, number, 0, null);
            }
        }
        found.stream().filter(Files::isDirectory).forEach(path -> disk.record(Kind.SYNCDIR, path, null, 0, 0, null));
        disk.baseline = disk.count();
        return disk;
    }

    /** Operations that stand for what was there before. */
    public int baseline() {
        return baseline;
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

    /** What is found when the power goes behind so many operations. */
    public synchronized DiskImage image(int prefix, Survival survival) {
        return stateAt(prefix).image(survival);
    }

    /** The same with any part of what was not synced, as the dice have it. */
    public synchronized DiskImage image(int prefix, Random random) {
        return stateAt(prefix).image(random);
    }

    /** Whether names in a folder have changed since it was synced. */
    public synchronized boolean hasUnsyncedNames(Path folder) {
        return stateAt(operations.size()).changes.keySet().stream()
                .anyMatch(name -> name.getParent().equals(folder));
    }

    private State stateAt(int prefix) {
        if (prefix < appliedOperations) {
            state = new State();
            appliedOperations = 0;
        }
        while (appliedOperations < prefix) {
            state.apply(operations.get(appliedOperations++));
        }
        return state;
    }

    /** A change of a name that is not durable yet. */
    private static final class Change {
        final Path name;
        final Integer file;
        /** The change that is made with this one: of the new name, where this is the end of the old one. */
        final Change with;

        Change(Path name, Integer file, Change with) {
            this.name = name;
            this.file = file;
            this.with = with;
        }
    }

    /** Names and contents, as the programs see them and as the disk has them. */
    private final class State {
        private final Map<Integer, DiskImage.Content> seen = new HashMap<>();
        private final Map<Integer, DiskImage.Content> synced = new HashMap<>();
        private final Map<Integer, List<Operation>> writes = new TreeMap<>();
        private final Map<Path, Integer> names = new TreeMap<>();
        private final Map<Path, Integer> syncedNames = new TreeMap<>();
        private final Map<Path, List<Change>> changes = new TreeMap<>();
        private final Set<Path> folders = new TreeSet<>();
        private final Set<Path> syncedFolders = new HashSet<>();
        private Operation lastWrite;
        private DiskImage.Content beforeLastWrite;

        void apply(Operation operation) {
            switch (operation.kind) {
                case CREATE -> {
                    seen.put(operation.file, DiskImage.Content.EMPTY);
                    synced.put(operation.file, DiskImage.Content.EMPTY);
                    change(operation.path, operation.file, null);
                }
                case WRITE -> {
                    lastWrite = operation;
                    beforeLastWrite = seen.get(operation.file);
                    seen.put(operation.file, beforeLastWrite.with(operation.octets, operation.position));
                    writes.computeIfAbsent(operation.file, file -> new ArrayList<>())
                            .add(operation);
                }
                case SYNC -> {
                    synced.put(operation.file, seen.get(operation.file));
                    writes.remove(operation.file);
                    if (lastWrite != null && lastWrite.file == operation.file) {
                        // What was synced is not torn.
                        lastWrite = null;
                    }
                }
                case RENAME -> {
                    Change made = change(operation.target, names.get(operation.path), null);
                    change(operation.path, null, made);
                }
                case LINK -> change(operation.target, names.get(operation.path), null);
                case DELETE -> change(operation.path, null, null);
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

        private Change change(Path name, Integer file, Change with) {
            Change change = new Change(name, file, with);
            put(names, change);
            changes.computeIfAbsent(name, key -> new ArrayList<>()).add(change);
            return change;
        }

        private static void put(Map<Path, Integer> names, Change change) {
            if (change.file == null) {
                names.remove(change.name);
            } else {
                names.put(change.name, change.file);
            }
        }

        private void syncFolder(Path folder) {
            Map<Path, Integer> counts = new TreeMap<>();
            changes.forEach((name, list) -> counts.put(name, name.getParent().equals(folder) ? list.size() : 0));
            complete(counts);
            survive(counts, syncedNames);
            counts.forEach((name, count) -> changes.get(name).subList(0, count).clear());
            changes.values().removeIf(List::isEmpty);
            folders.stream().filter(name -> name.getParent().equals(folder)).forEach(syncedFolders::add);
        }

        /** Adds what cannot be missing with so many changes of each name: the new names of renames. */
        private void complete(Map<Path, Integer> counts) {
            boolean more = true;
            while (more) {
                more = false;
                for (Map.Entry<Path, List<Change>> entry : changes.entrySet()) {
                    for (Change change : entry.getValue().subList(0, counts.get(entry.getKey()))) {
                        List<Change> others = change.with == null ? null : changes.get(change.with.name);
                        int needed = others == null ? 0 : others.indexOf(change.with) + 1;
                        if (needed > 0 && counts.get(change.with.name) < needed) {
                            counts.put(change.with.name, needed);
                            more = true;
                        }
                    }
                }
            }
        }

        private void survive(Map<Path, Integer> counts, Map<Path, Integer> durable) {
            counts.forEach(
                    (name, count) -> changes.get(name).subList(0, count).forEach(change -> put(durable, change)));
        }

        DiskImage image(Survival survival) {
            boolean allNames = survival != Survival.NOTHING && survival != Survival.CONTENTS;
            boolean allContents = survival != Survival.NOTHING && survival != Survival.NAMES;
            Map<Integer, DiskImage.Content> contents = new HashMap<>(allContents ? seen : synced);
            if (survival == Survival.TORN && lastWrite != null && lastWrite.octets.length > 1) {
                contents.put(lastWrite.file, beforeLastWrite.with(half(lastWrite.octets), lastWrite.position));
            }
            return image(allNames ? folders : syncedFolders, allNames ? names : syncedNames, contents);
        }

        DiskImage image(Random random) {
            double share = List.of(0.1, 0.5, 0.9).get(random.nextInt(3));
            Map<Path, Integer> counts = new TreeMap<>();
            changes.forEach((name, list) -> counts.put(name, some(list.size(), share, random)));
            complete(counts);
            Map<Path, Integer> left = new TreeMap<>(syncedNames);
            survive(counts, left);
            Set<Path> leftFolders = new HashSet<>();
            for (Path folder : folders) {
                if (syncedFolders.contains(folder) || random.nextDouble() < share) {
                    leftFolders.add(folder);
                }
            }
            Map<Integer, DiskImage.Content> contents = new HashMap<>(synced);
            writes.forEach((file, list) -> {
                for (Operation write : list) {
                    if (random.nextDouble() < share) {
                        byte[] octets = random.nextInt(5) == 0 ? half(write.octets) : write.octets;
                        contents.computeIfPresent(file, (number, before) -> before.with(octets, write.position));
                    }
                }
            });
            return image(leftFolders, left, contents);
        }

        private static int some(int most, double share, Random random) {
            int count = 0;
            while (count < most && random.nextDouble() < share) {
                count++;
            }
            return count;
        }

        private static byte[] half(byte[] octets) {
            return Arrays.copyOf(octets, octets.length / 2);
        }

        private DiskImage image(Set<Path> durable, Map<Path, Integer> files, Map<Integer, DiskImage.Content> contents) {
            DiskImage image = new DiskImage();
            for (Path folder : folders) {
                if (isThere(folder, durable)) {
                    image.addFolder(root.relativize(folder));
                }
            }
            files.forEach((name, file) -> {
                if (isThere(name.getParent(), durable)) {
                    image.addFile(root.relativize(name), contents.get(file));
                }
            });
            return image;
        }

        private boolean isThere(Path folder, Set<Path> durable) {
            for (Path above = folder; !above.equals(root); above = above.getParent()) {
                if (!durable.contains(above)) {
                    return false;
                }
            }
            return true;
        }
    }

    private final class RecordedFile extends ForwardingFile {
        private final int number;
        private long end;

        RecordedFile(DiskFile file, int number) {
            super(file);
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
    }
}
