package org.mailserv.app.transfer;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.config.OwnerOfData;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.DiskFile;
import org.mailserv.server.disk.FileNames;
import org.mailserv.server.mailbox.maildir.MaildirName;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.SealedIds;

/**
 * Imports messages into a mailbox, each only once however often the import runs. Messages are committed in batches: their files are synced
 * under a temporary name, then the import log, and then they are renamed. The next run completes or undoes an import that was interrupted.
 */
public final class MailboxImport implements MailSource.Sink, Closeable {
    private static final int BATCH = 256;
    private static final String TEMPORARY = "import.";

    private final Path mailbox;
    private final Disk disk;
    private final SealedIds ids;
    private final OwnerOfData.Owner owner;
    private final ImportLog log;
    private final IntConsumer progress;
    private final Map<String, Folder> folders = new HashMap<>();
    private final Map<String, Integer> copies = new HashMap<>();
    private final List<Pending> pending = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private int imported;
    private int present;
    private int changed;

    /** A target folder. */
    private static final class Folder {
        final String name;
        final Path path;
        /** Files by the unique parts of their names. */
        final Map<String, Path> files = new HashMap<>();

        final Set<String> uids = new HashSet<>();
        /** Positions in the order that are in use. */
        final Set<Long> places = new HashSet<>();

        boolean otherKeywords;
        long lastMicros;

        Folder(String name, Path path) {
            this.name = name;
            this.path = path;
        }
    }

    /** A message whose file is complete but not yet renamed. */
    private record Pending(Path temporary, Path target) {}

    private MailboxImport(
            Path mailbox, Disk disk, SealedIds ids, OwnerOfData.Owner owner, ImportLog log, IntConsumer progress) {
        this.mailbox = mailbox;
        this.disk = disk;
        this.ids = ids;
        this.owner = owner;
        this.log = log;
        this.progress = progress;
    }

    /**
     * Opens a mailbox. Its folder is created if it is missing.
     *
     * @param progress receives the number of messages examined so far
     */
    public static MailboxImport open(
            Path mailbox, Disk disk, SealedIds ids, OwnerOfData.Owner owner, IntConsumer progress) throws IOException {
        owner.makeMaildir(mailbox, disk);
        ImportLog log = ImportLog.open(mailbox, disk);
        try {
            owner.give(mailbox.resolve(ImportLog.NAME));
            MailboxImport opened = new MailboxImport(mailbox, disk, ids, owner, log, progress);
            opened.finishEarlier();
            return opened;
        } catch (IOException | RuntimeException e) {
            log.close();
            throw e;
        }
    }

    /** Renames the files that an earlier run had logged, and deletes the others. */
    private void finishEarlier() throws IOException {
        List<String> names = new ArrayList<>(List.of(""));
        disk.list(mailbox).stream()
                .filter(name -> name.startsWith(".") && Files.isDirectory(FileNames.resolve(mailbox, name)))
                .forEach(names::add);
        for (String name : names) {
            Path folder = name.isEmpty() ? mailbox : FileNames.resolve(mailbox, name);
            Path tmp = folder.resolve("tmp");
            for (String file : disk.list(tmp)) {
                if (file.startsWith(TEMPORARY)) {
                    ImportLog.Entry entry = log.findTarget(file.substring(TEMPORARY.length()));
                    if (entry == null || !entry.folder().equals(name)) {
                        disk.delete(FileNames.resolve(tmp, file));
                    } else {
                        disk.rename(FileNames.resolve(tmp, file), entry.target(folder));
                    }
                }
            }
        }
    }

    public int imported() {
        return imported;
    }

    public int present() {
        return present;
    }

    public int changed() {
        return changed;
    }

    /** Returns the items that could not be imported, one line each. */
    public List<String> problems() {
        return problems;
    }

    @Override
    public void refused(String what, String reason) {
        problems.add(what + ": " + reason);
    }

    @Override
    public void companion(String name, String file, byte[] content) throws IOException {
        Folder folder = folder(name);
        Path path = folder.path.resolve(file);
        if (!disk.exists(path)) {
            disk.replace(path, content);
            owner.give(path);
        } else if (file.equals("dovecot-keywords")) {
            // These letters stand for other keywords here.
            folder.otherKeywords = !Arrays.equals(Files.readAllBytes(path), content);
        }
    }

    @Override
    public MailSource.Incoming begin() {
        return new Message();
    }

    private final class Message implements MailSource.Incoming {
        private final CrlfSpool spool =
                new CrlfSpool(disk, mailbox.resolve("tmp").resolve(TEMPORARY + "content"));

        @Override
        public OutputStream content() {
            return spool;
        }

        @Override
        public void end(MailSource.Facts facts) throws IOException {
            try {
                take(facts, spool);
            } finally {
                spool.discard();
            }
            progress.accept(imported + present);
        }

        @Override
        public void abort() throws IOException {
            spool.discard();
        }
    }

    @Override
    public boolean isKnown(MailSource.Facts facts) throws IOException {
        boolean known = facts.identified() && isKnown(folder(facts.folder()), key(facts, new byte[0]), facts);
        if (known) {
            progress.accept(imported + present);
        }
        return known;
    }

    /** Counts a message of an earlier run, and applies the changes of its flags since then. */
    private boolean isKnown(Folder folder, String key, MailSource.Facts given) throws IOException {
        ImportLog.Entry known = log.find(key);
        if (known == null) {
            return false;
        }
        present++;
        folder.lastMicros = Math.max(folder.lastMicros, ids.microsOf(MaildirName.id(known.unique())));
        String flags = flags(folder, given);
        if (!flags.equals(known.flags()) || known.fresh() != given.fresh()) {
            changeFlags(folder, known, new ImportLog.Entry(key, folder.name, known.unique(), flags, given.fresh()));
        }
        return true;
    }

    private static String flags(Folder folder, MailSource.Facts given) {
        return folder.otherKeywords ? given.flags().replaceAll("[a-z]", "") : given.flags();
    }

    private void take(MailSource.Facts given, CrlfSpool content) throws IOException {
        Folder folder = folder(given.folder());
        byte[] hash = content.complete();
        String key = key(given, given.identified() ? new byte[0] : hash);
        if (isKnown(folder, key, given)) {
            return;
        }
        String flags = flags(folder, given);
        String unique = name(folder, given);
        ImportLog.Entry entry = new ImportLog.Entry(key, folder.name, unique, flags, given.fresh());
        Path temporary = folder.path.resolve("tmp").resolve(TEMPORARY + unique);
        content.moveTo(temporary);
        Files.setLastModifiedTime(temporary, FileTime.from(given.date()));
        owner.give(temporary);
        log.add(entry);
        pending.add(new Pending(temporary, entry.target(folder.path)));
        imported++;
        if (pending.size() >= BATCH) {
            commit();
        }
    }

    /** Returns a key that is the same at every run, made of the message's name in the source and its content. */
    private String key(MailSource.Facts facts, byte[] hash) {
        String content = HexFormat.of().formatHex(hash);
        String name = facts.name();
        if (name == null) {
            int copy = copies.merge(facts.folder() + "/" + content, 1, Integer::sum);
            name = "#" + copy;
        }
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(FileNames.octets(facts.folder() + "/" + name + "/" + content));
            return HexFormat.of().formatHex(digest.digest(), 0, 20);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Returns a name that preserves the source's order, and its unique id unless another message has it. */
    private String name(Folder folder, MailSource.Facts facts) {
        long date = Math.min(SealedIds.micros(facts.date()), SealedIds.micros(Instant.now()));
        folder.lastMicros = Math.max(folder.lastMicros + 1, date);
        while (!folder.places.add(folder.lastMicros)) {
            folder.lastMicros++;
        }
        QueueId id = ids.at(folder.lastMicros);
        String uid = facts.uid();
        return uid != null && MaildirName.isUid(uid) && folder.uids.add(uid)
                ? MaildirName.withUid(id, uid)
                : id.toString();
    }

    /** Applies the changes of flags in the source since the last run. Changes made here stay. */
    private void changeFlags(Folder folder, ImportLog.Entry before, ImportLog.Entry now) throws IOException {
        Path file = folder.files.get(now.unique());
        log.add(now);
        if (file == null) {
            return;
        }
        Set<Character> flags = letters(MaildirName.flags(FileNames.of(file)));
        Set<Character> added = letters(now.flags());
        added.removeAll(letters(before.flags()));
        Set<Character> removed = letters(before.flags());
        removed.removeAll(letters(now.flags()));
        flags.addAll(added);
        flags.removeAll(removed);
        StringBuilder text = new StringBuilder();
        flags.forEach(text::append);
        Path target = folder.path.resolve("cur").resolve(now.unique() + ":2," + text);
        if (!target.equals(file)) {
            disk.rename(file, target);
            folder.files.put(now.unique(), target);
            changed++;
        }
    }

    private static Set<Character> letters(String flags) {
        Set<Character> letters = new TreeSet<>();
        flags.chars().forEach(c -> letters.add((char) c));
        return letters;
    }

    private Folder folder(String name) throws IOException {
        Folder known = folders.get(name);
        if (known != null) {
            return known;
        }
        Folder folder = new Folder(name, name.isEmpty() ? mailbox : FileNames.resolve(mailbox, name));
        owner.makeMaildir(folder.path, disk);
        Path mark = folder.path.resolve("maildirfolder");
        if (!name.isEmpty() && !disk.exists(mark)) {
            try (DiskFile empty = disk.create(mark)) {
                empty.sync();
            }
            owner.give(mark);
        }
        for (String part : List.of("new", "cur")) {
            for (String file : disk.list(folder.path.resolve(part))) {
                folder.files.put(MaildirName.unique(file), FileNames.resolve(folder.path.resolve(part), file));
                folder.uids.add(MaildirName.uid(file));
                folder.places.add(ids.microsOf(MaildirName.id(MaildirName.unique(file))));
            }
        }
        folders.put(name, folder);
        return folder;
    }

    /** Makes the received messages durable and renames them. */
    public void commit() throws IOException {
        disk.flush(mailbox, pending.size());
        Set<Path> before = new LinkedHashSet<>();
        Set<Path> after = new LinkedHashSet<>();
        for (Pending message : pending) {
            disk.syncFile(message.temporary());
            addParent(before, message.temporary());
            addParent(after, message.target());
        }
        for (Path folder : before) {
            disk.syncDirectory(folder);
        }
        log.sync();
        for (Pending message : pending) {
            disk.rename(message.temporary(), message.target());
        }
        pending.clear();
        for (Path folder : after) {
            disk.syncDirectory(folder);
        }
    }

    private static void addParent(Set<Path> folders, @Nullable Path file) {
        Path parent = file == null ? null : file.getParent();
        if (parent != null) {
            folders.add(parent);
        }
    }

    @Override
    public void close() throws IOException {
        log.close();
    }
}
