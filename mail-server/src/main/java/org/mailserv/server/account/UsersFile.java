package org.mailserv.server.account;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.TextFile;

/**
 * Users in a file of {@code user@domain:{SCHEME}hash:...} lines, which is Dovecot's passwd-file; what stands behind the hash is kept and, but
 * for {@code userdb_quota_rule} and {@code nopassword}, not looked at. Blank lines and lines that begin with {@code #} are kept too.
 */
public final class UsersFile {
    private final Path path;
    private final Disk disk;

    public UsersFile(Path path, Disk disk) {
        this.path = path;
        this.disk = disk;
    }

    /** What was read: users by mailbox, and what is wrong, a line each. */
    public record Content(Map<MailboxName, Account> users, List<String> problems) {}

    public Path path() {
        return path;
    }

    /** Reads the file; one that is not there has no users. Blocks. */
    public Content read() throws IOException {
        Map<MailboxName, Account> users = new LinkedHashMap<>();
        List<String> problems = new ArrayList<>();
        List<String> lines = lines();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            Account account = parse(line);
            if (account == null) {
                problems.add(path + ":" + (i + 1) + ": no user (expected: user@domain:{SCHEME}hash)");
            } else if (users.putIfAbsent(account.mailbox(), account) != null) {
                problems.add(path + ":" + (i + 1) + ": " + account.mailbox() + " is there twice");
            }
        }
        return new Content(users, problems);
    }

    private List<String> lines() throws IOException {
        try {
            return TextFile.lines(path);
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    private static @Nullable Account parse(String line) {
        String[] fields = line.split(":", 8);
        MailboxName mailbox = mailbox(fields[0]);
        if (mailbox == null || fields.length < 2) {
            return null;
        }
        String extra = fields.length == 8 ? fields[7] : "";
        boolean passwordless = extra.matches("(.* )?nopassword(=y.*)?( .*)?");
        String password = fields[1].isEmpty() ? null : fields[1];
        if (password != null && !PasswordScheme.isKnown(password)) {
            return null;
        }
        return new Account(mailbox, password, passwordless, Set.of(), quota(extra), 0);
    }

    /** {@code userdb_quota_rule=*:bytes=100M}. */
    private static long quota(String extra) {
        for (String word : extra.split(" ")) {
            int at = word.indexOf(":bytes=");
            if (word.startsWith("userdb_quota_rule=") && at > 0) {
                return octets(word.substring(at + ":bytes=".length()));
            }
        }
        return 0;
    }

    private static long octets(String text) {
        String digits = text.replaceAll("[^0-9].*$", "");
        String unit = text.substring(digits.length()).toUpperCase(Locale.ROOT);
        int shift = unit.startsWith("K") ? 10 : unit.startsWith("M") ? 20 : unit.startsWith("G") ? 30 : 0;
        return digits.isEmpty() || digits.length() > 12 ? 0 : Long.parseLong(digits) << shift;
    }

    static @Nullable MailboxName mailbox(String text) {
        int at = text.lastIndexOf('@');
        return at > 0 && at < text.length() - 1 ? new MailboxName(text.substring(at + 1), text.substring(0, at)) : null;
    }

    /** Adds a user or replaces the password of one; true when it was new. Durable when it returns. Blocks. */
    public synchronized boolean put(MailboxName mailbox, String hash) throws IOException {
        List<String> lines = new ArrayList<>(lines());
        int index = indexOf(lines, mailbox);
        if (index < 0) {
            lines.add(mailbox + ":" + hash + "::::::");
        } else {
            String[] fields = lines.get(index).split(":", 3);
            lines.set(index, fields[0] + ":" + hash + ":" + (fields.length == 3 ? fields[2] : ""));
        }
        write(lines);
        return index < 0;
    }

    /** Removes a user; false when there was none. Its mail stays. Durable when it returns. Blocks. */
    public synchronized boolean remove(MailboxName mailbox) throws IOException {
        List<String> lines = new ArrayList<>(lines());
        int index = indexOf(lines, mailbox);
        if (index >= 0) {
            lines.remove(index);
            write(lines);
        }
        return index >= 0;
    }

    private static int indexOf(List<String> lines, MailboxName mailbox) {
        for (int i = 0; i < lines.size(); i++) {
            int colon = lines.get(i).indexOf(':');
            if (colon > 0
                    && mailbox.equals(mailbox(lines.get(i).substring(0, colon).strip()))) {
                return i;
            }
        }
        return -1;
    }

    private void write(List<String> lines) throws IOException {
        Path folder = path.toAbsolutePath().getParent();
        if (folder != null) {
            disk.createDirectories(folder);
        }
        disk.replace(path.toAbsolutePath(), (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
