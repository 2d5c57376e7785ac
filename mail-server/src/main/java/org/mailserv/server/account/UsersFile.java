package org.mailserv.server.account;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.TextFile;

/**
 * A file of users in lines of the form {@code user@domain:{SCHEME}hash:...}, Dovecot's passwd-file. Of the fields
 * after the hash only the extra fields are used. Restrictions and quota are enforced; a restriction that cannot be
 * enforced closes the account. Blank lines and lines that begin with {@code #} are preserved.
 */
public final class UsersFile {
    private final Path path;
    private final Disk disk;

    public UsersFile(Path path, Disk disk) {
        this.path = path;
        this.disk = disk;
    }

    /**
     * The content of the file.
     *
     * @param users accounts by mailbox; a line with an unenforceable restriction yields an account that cannot log in
     * @param problems one line per problem, with file and line
     * @param notices one line per setting that is ignored and does no harm
     */
    public record Content(Map<MailboxName, Account> users, List<String> problems, List<String> notices) {}

    public Path path() {
        return path;
    }

    /** Reads the file. A missing file contains no users. Blocks. */
    public Content read() throws IOException {
        Content content = new Content(new LinkedHashMap<>(), new ArrayList<>(), new ArrayList<>());
        List<String> lines = lines();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                take(line, path + ":" + (i + 1) + ": ", content);
            }
        }
        return content;
    }

    private List<String> lines() throws IOException {
        try {
            return TextFile.lines(path);
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    private static void take(String line, String where, Content content) {
        String[] fields = line.split(":", 8);
        MailboxName mailbox = mailbox(fields[0].strip());
        if (mailbox == null || fields.length < 2) {
            content.problems().add(where + "no user (expected: user@domain:{SCHEME}hash)");
            return;
        }
        List<String> problems = new ArrayList<>();
        Account account = account(mailbox, fields, problems, where, content.notices());
        problems.forEach(problem -> content.problems().add(where + mailbox + ": " + problem));
        Account first = content.users().putIfAbsent(mailbox, account);
        if (first != null) {
            // It is unknown which of the two lines is intended, so the restrictions of both apply.
            content.users().put(mailbox, first.restricted(account.restrictions()));
            content.problems().add(where + mailbox + " is there twice; the first password is used");
        }
    }

    private static Account account(
            MailboxName mailbox, String[] fields, List<String> problems, String where, List<String> notices) {
        ExtraFields extra = ExtraFields.parse(fields.length == 8 ? fields[7] : "");
        problems.addAll(extra.problems());
        extra.notices().forEach(notice -> notices.add(where + mailbox + ": " + notice));
        LoginRestrictions restrictions = extra.restrictions();
        for (int i = 2; i < Math.min(fields.length, 7); i++) {
            if (ExtraFields.isMisplaced(fields[i])) {
                String reason = "an extra field stands in field " + (i + 1) + " (expected: field 8)";
                problems.add(reason + ", so that nobody can log in");
                restrictions = restrictions.and(LoginRestrictions.closed(reason));
            }
        }
        String password = fields[1].isEmpty() ? null : fields[1];
        String unusable = password == null ? null : PasswordScheme.problem(password);
        if (password != null && unusable != null) {
            (PasswordScheme.isLocked(password) ? notices : problems)
                    .add((PasswordScheme.isLocked(password) ? where + mailbox + ": " : "") + unusable
                            + ", so that nobody can log in");
            restrictions = restrictions.and(LoginRestrictions.closed(unusable));
            password = null;
        }
        return new Account(
                mailbox,
                password,
                extra.passwordless(),
                Set.of(),
                extra.quota().octets(),
                extra.quota().messages(),
                restrictions);
    }

    static @Nullable MailboxName mailbox(String text) {
        return MailboxName.of(text);
    }

    /**
     * Adds a user or replaces its password. Durable on return. Blocks.
     *
     * @return true if the user is new
     */
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

    /**
     * Adds users, or replaces those that are there, in one write. Durable on return. Blocks.
     *
     * @param users the rest of the line of each user: {@code {SCHEME}hash::::::extra fields}
     */
    public synchronized void putAll(Map<MailboxName, String> users) throws IOException {
        if (users.isEmpty()) {
            return;
        }
        List<String> lines = new ArrayList<>(lines());
        lines.removeIf(line -> {
            int colon = line.indexOf(':');
            MailboxName name = colon > 0 ? mailbox(line.substring(0, colon).strip()) : null;
            return name != null && users.containsKey(name);
        });
        users.forEach((name, rest) -> lines.add(name + ":" + rest));
        write(lines);
    }

    /**
     * Removes a user, but not its mail. Durable on return. Blocks.
     *
     * @return false if the user did not exist
     */
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
