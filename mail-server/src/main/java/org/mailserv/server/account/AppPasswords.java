package org.mailserv.server.account;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.EditedFile;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of app passwords: a line each, with the user, id, scopes, time, hash and name separated by tabs. Lines that cannot be read admit
 * nobody. A change of the file, also by hand, takes effect within a second. Thread-safe.
 */
public final class AppPasswords implements AutoCloseable {
    /** Maximum number for one user. */
    public static final int MOST = 50;

    private static final Logger LOG = LoggerFactory.getLogger(AppPasswords.class);
    /** Letters and digits that are not mistaken for one another. */
    private static final String ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789";

    /** Some 99 bits. A guesser cannot try them, so a fast hash is enough. */
    private static final int LENGTH = 20;

    private static final int GROUP = 4;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Path path;
    private final EditedFile file;
    private final ScheduledThreadPoolExecutor watcher;
    private volatile Map<MailboxName, List<AppPassword>> all = Map.of();
    private volatile long stamp;

    /** Reads the file and watches it for changes. Blocks. */
    public AppPasswords(Path path, Disk disk) throws IOException {
        this.path = path;
        this.file = new EditedFile(path, disk);
        refresh();
        watcher = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "app-passwords");
            thread.setDaemon(true);
            return thread;
        });
        watcher.scheduleWithFixedDelay(this::look, 1, 1, TimeUnit.SECONDS);
    }

    /** A new app password. The text exists nowhere else. */
    public record Made(AppPassword stored, String text) {
        @Override
        public String toString() {
            return "Made[" + stored + "]";
        }
    }

    private void look() {
        try {
            refresh();
        } catch (IOException | RuntimeException e) {
            LOG.warn("event=app-passwords-unreadable reason=\"{}\"", Failures.text(e));
        }
    }

    /** Reads the file again if it has changed. Blocks. */
    public synchronized void refresh() throws IOException {
        long now = Files.exists(path)
                ? Files.getLastModifiedTime(path).to(TimeUnit.NANOSECONDS) * 31 + Files.size(path)
                : 0;
        if (now == stamp) {
            return;
        }
        Map<MailboxName, List<AppPassword>> read = new LinkedHashMap<>();
        int number = 0;
        for (String line : file.lines()) {
            number++;
            AppPassword parsed = parse(line);
            if (parsed != null) {
                read.computeIfAbsent(parsed.mailbox(), mailbox -> new ArrayList<>())
                        .add(parsed);
            } else if (!line.isBlank() && !line.startsWith("#")) {
                LOG.warn("event=app-passwords problem=\"{}:{}: no app password\"", path, number);
            }
        }
        all = read;
        stamp = now;
    }

    private static @Nullable AppPassword parse(String line) {
        String[] fields = line.split("\t", 6);
        MailboxName mailbox = fields.length < 6 || line.startsWith("#") ? null : MailboxName.of(fields[0]);
        if (mailbox == null) {
            return null;
        }
        Set<AppPassword.Scope> scopes = EnumSet.noneOf(AppPassword.Scope.class);
        for (String label : fields[2].split(",")) {
            AppPassword.Scope scope = AppPassword.Scope.of(label);
            if (scope != null) {
                scopes.add(scope);
            }
        }
        try {
            return new AppPassword(mailbox, fields[1], scopes, Instant.parse(fields[3]), fields[4], fields[5]);
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** Returns the app passwords of a user, oldest first. */
    public List<AppPassword> of(MailboxName mailbox) {
        return List.copyOf(all.getOrDefault(mailbox, List.of()));
    }

    /** Returns whether any user has an app password. */
    public boolean isEmpty() {
        return all.isEmpty();
    }

    /** Returns the app password of a user that a text is, or null. Takes microseconds. */
    @Nullable
    AppPassword find(MailboxName mailbox, AppPassword.Scope scope, String text) {
        List<AppPassword> own = all.get(mailbox);
        String typed = own == null ? "" : plain(text);
        if (own == null || typed.length() != LENGTH) {
            return null;
        }
        for (AppPassword each : own) {
            if (each.scopes().contains(scope) && PasswordScheme.verify(each.hash(), typed)) {
                return each;
            }
        }
        return null;
    }

    /** Returns whether a user has an app password with a hash. */
    boolean contains(MailboxName mailbox, String hash) {
        List<AppPassword> own = all.get(mailbox);
        return own != null && own.stream().anyMatch(each -> each.hash().equals(hash));
    }

    /** Returns a typed password without the hyphens and spaces that only help the reader. */
    private static String plain(String text) {
        return text.replaceAll("[- ]", "").toLowerCase(Locale.ROOT);
    }

    /**
     * Makes an app password. Durable on return. Blocks.
     *
     * @param name for the user, without control characters
     * @return null if the user has {@link #MOST} already
     */
    public @Nullable Made add(MailboxName mailbox, String name, Set<AppPassword.Scope> scopes) throws IOException {
        refresh();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < LENGTH; i++) {
            text.append(i > 0 && i % GROUP == 0 ? "-" : "").append(ALPHABET.charAt(RANDOM.nextInt(ALPHABET.length())));
        }
        AppPassword made = new AppPassword(
                mailbox,
                Integer.toString(RANDOM.nextInt(36 * 36 * 36 * 36, 36 * 36 * 36 * 36 * 36), 36),
                scopes,
                Instant.now().truncatedTo(ChronoUnit.SECONDS),
                hash(plain(text.toString())),
                name.replaceAll("\\p{Cntrl}", " ").strip());
        boolean added = file.edit(lines -> {
            long present = lines.stream()
                    .map(AppPasswords::parse)
                    .filter(each -> isOf(each, mailbox))
                    .count();
            return present < MOST && lines.add(line(made));
        });
        refresh();
        return added ? new Made(made, text.toString()) : null;
    }

    private static boolean isOf(@Nullable AppPassword each, MailboxName mailbox) {
        return each != null && each.mailbox().equals(mailbox);
    }

    private static String line(AppPassword made) {
        return String.join(
                "\t",
                made.mailbox().toString(),
                made.id(),
                made.scopeText(),
                made.created().toString(),
                made.hash(),
                made.name());
    }

    private static String hash(String text) {
        byte[] salt = new byte[16];
        RANDOM.nextBytes(salt);
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-512");
            digest.update(text.getBytes(StandardCharsets.UTF_8));
            byte[] hashed = digest.digest(salt);
            byte[] both = Arrays.copyOf(hashed, hashed.length + salt.length);
            System.arraycopy(salt, 0, both, hashed.length, salt.length);
            return "{SSHA512}" + Base64.getEncoder().encodeToString(both);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has SHA-512", e);
        }
    }

    /**
     * Revokes an app password, or all of a user. It is refused from now on. Durable on return. Blocks.
     *
     * @param id null for all
     * @return false if there was none
     */
    public boolean remove(MailboxName mailbox, @Nullable String id) throws IOException {
        boolean removed = file.edit(lines -> lines.removeIf(line -> {
            AppPassword each = parse(line);
            return each != null
                    && isOf(each, mailbox)
                    && (id == null || each.id().equals(id));
        }));
        refresh();
        return removed;
    }

    @Override
    public void close() {
        watcher.shutdownNow();
    }
}
