package org.mailserv.server.account;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.EditedFile;

/**
 * A file of users in lines of the form {@code user@domain:{SCHEME}hash:...}, Dovecot's passwd-file. Of the fields
 * after the hash only the extra fields are used. Restrictions and quota are enforced; a restriction that cannot be
 * enforced closes the account. Blank lines and lines that begin with {@code #} are preserved.
 */
public final class UsersFile {
    private final Path path;
    private final EditedFile file;

    public UsersFile(Path path, Disk disk) {
        this.path = path;
        this.file = new EditedFile(path, disk);
    }

    /**
     * The content of the file.
     *
     * @param users accounts by mailbox; a line with an unenforceable restriction yields an account that cannot log in
     * @param problems one line per problem, with file and line
     * @param notices one line per setting that is ignored and does no harm
     * @param details facts about the lines of the users that {@link Account} does not contain
     */
    public record Content(
            Map<MailboxName, Account> users,
            List<String> problems,
            List<String> notices,
            Map<MailboxName, Details> details) {}

    /**
     * Facts about a user for people who manage it.
     *
     * @param disabled whether the line has the field {@code nologin}
     * @param networks the networks of {@code allow_nets} as written; empty if the user may log in from everywhere
     */
    public record Details(boolean disabled, List<String> networks) {
        /** The details of a user whose line has no such fields. */
        public static final Details NONE = new Details(false, List.of());
    }

    public Path path() {
        return path;
    }

    /** Reads the file. A missing file contains no users. Blocks. */
    public Content read() throws IOException {
        Content content =
                new Content(new LinkedHashMap<>(), new ArrayList<>(), new ArrayList<>(), new LinkedHashMap<>());
        List<String> lines = file.lines();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                take(line, path + ":" + (i + 1) + ": ", content);
            }
        }
        return content;
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
        UserLine parsed = UserLine.parse(line);
        if (parsed != null) {
            content.details().merge(mailbox, details(parsed), UsersFile::both);
        }
        Account first = content.users().putIfAbsent(mailbox, account);
        if (first != null) {
            // It is unknown which of the two lines is intended, so the restrictions of both apply.
            content.users().put(mailbox, first.restricted(account.restrictions()));
            content.problems().add(where + mailbox + " is there twice; the first password is used");
        }
    }

    private static Details details(UserLine line) {
        String networks = line.extra("allow_nets");
        return new Details(line.isDisabled(), networks == null ? List.of() : List.of(networks.split(",")));
    }

    private static Details both(Details one, Details other) {
        return new Details(
                one.disabled() || other.disabled(), one.networks().isEmpty() ? other.networks() : one.networks());
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
    public boolean put(MailboxName mailbox, String hash) throws IOException {
        if (update(mailbox, line -> line.withPassword(hash))) {
            return false;
        }
        return add(mailbox, hash, false, 0, 0) || !update(mailbox, line -> line.withPassword(hash));
    }

    /**
     * Adds a user. Durable on return. Blocks.
     *
     * @param quotaOctets 0 for no limit
     * @param quotaMessages 0 for no limit
     * @return false if the file has the user already, in which case it stays as it is
     */
    public boolean add(MailboxName mailbox, String hash, boolean disabled, long quotaOctets, long quotaMessages)
            throws IOException {
        UserLine made = UserLine.of(mailbox, hash).withDisabled(disabled).withQuota(quotaOctets, quotaMessages);
        return file.edit(lines -> {
            boolean fresh = lines.stream().noneMatch(line -> isOf(line, mailbox));
            return fresh && lines.add(made.text());
        });
    }

    /**
     * Changes whether a user is disabled: it cannot log in, but its mail is delivered. Durable on return. Blocks.
     *
     * @return false if the user does not exist
     */
    public boolean setDisabled(MailboxName mailbox, boolean disabled) throws IOException {
        return update(mailbox, line -> line.withDisabled(disabled));
    }

    /**
     * Sets the quota of a user. Durable on return. Blocks.
     *
     * @param octets 0 for no limit
     * @param messages 0 for no limit
     * @return false if the user does not exist
     */
    public boolean setQuota(MailboxName mailbox, long octets, long messages) throws IOException {
        return update(mailbox, line -> line.withQuota(octets, messages));
    }

    /** Changes every line of a user; returns false if there is none. */
    private boolean update(MailboxName mailbox, UnaryOperator<UserLine> change) throws IOException {
        boolean[] found = new boolean[1];
        file.edit(lines -> {
            boolean changed = false;
            found[0] = false;
            for (int i = 0; i < lines.size(); i++) {
                UserLine line = UserLine.parse(lines.get(i));
                if (line != null && line.isOf(mailbox)) {
                    UserLine next = change.apply(line);
                    found[0] = true;
                    changed |= !next.equals(line);
                    lines.set(i, next.equals(line) ? lines.get(i) : next.text());
                }
            }
            return changed;
        });
        return found[0];
    }

    private static boolean isOf(String text, MailboxName mailbox) {
        UserLine line = UserLine.parse(text);
        return line != null && line.isOf(mailbox);
    }

    /**
     * Adds users, or replaces those that are there, in one write. Durable on return. Blocks.
     *
     * @param users the rest of the line of each user: {@code {SCHEME}hash::::::extra fields}
     */
    public void putAll(Map<MailboxName, String> users) throws IOException {
        if (users.isEmpty()) {
            return;
        }
        file.edit(lines -> {
            lines.removeIf(text -> {
                UserLine line = UserLine.parse(text);
                return line != null && users.containsKey(mailbox(line.name()));
            });
            users.forEach((name, rest) -> lines.add(name + ":" + rest));
            return true;
        });
    }

    /**
     * Removes a user, but not its mail. Durable on return. Blocks.
     *
     * @return false if the user did not exist
     */
    public boolean remove(MailboxName mailbox) throws IOException {
        return file.edit(lines -> lines.removeIf(line -> isOf(line, mailbox)));
    }
}
