package org.mailserv.app.transfer;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.account.PasswordScheme;
import org.mailserv.server.disk.TextFile;

/**
 * The users of another server with their password hashes and quotas: Dovecot's passwd-file ({@code user@domain:{SCHEME}hash:...}), which SQL
 * databases such as mailcow's can be written as, or docker-mailserver's {@code postfix-accounts.cf} ({@code user@domain|{SCHEME}hash}). A
 * line that cannot become a user who can log in is refused, with its number.
 */
public final class UserSource {
    private final Path file;
    private final @Nullable String defaultDomain;
    private final Map<MailboxName, User> users = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();

    /**
     * A user.
     *
     * @param hash with its scheme in braces
     * @param extra Dovecot's extra fields, such as a quota; may be empty
     */
    public record User(String hash, String extra) {
        User withQuota(String quota) {
            return new User(hash, (extra + " userdb_quota_rule=*:storage=" + quota).strip());
        }
    }

    private UserSource(Path file, @Nullable String defaultDomain) {
        this.file = file;
        this.defaultDomain = defaultDomain;
    }

    /**
     * Reads a file. Blocks.
     *
     * @param defaultDomain domain of names without one; null refuses them
     */
    public static UserSource read(Path file, @Nullable String defaultDomain) throws IOException {
        UserSource source = new UserSource(file, defaultDomain);
        List<String> lines = TextFile.lines(file);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                source.take(line, file + ":" + (i + 1) + ": ");
            }
        }
        return source;
    }

    /** Adds the quotas of docker-mailserver's {@code dovecot-quotas.cf} ({@code user@domain:5G}). Blocks. */
    public void addQuotas(Path quotas) throws IOException {
        List<String> lines = TextFile.lines(quotas);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            int colon = line.lastIndexOf(':');
            MailboxName mailbox = colon < 0 ? null : mailbox(line.substring(0, colon));
            String quota = line.substring(colon + 1).strip();
            if (mailbox == null || !quota.matches("[0-9]+[bkmgtBKMGT]?")) {
                problems.add(quotas + ":" + (i + 1) + ": no quota (expected: user@domain:5G): " + line);
            } else if (users.computeIfPresent(mailbox, (name, user) -> user.withQuota(quota)) == null) {
                problems.add(quotas + ":" + (i + 1) + ": " + mailbox + " is not in " + file);
            }
        }
    }

    /** Returns the users in the order of the file. */
    public Map<MailboxName, User> users() {
        return users;
    }

    /** Returns what was refused, one line each, with file and line. */
    public List<String> problems() {
        return problems;
    }

    private void take(String line, String where) {
        boolean piped = line.indexOf('|') > 0 && (line.indexOf(':') < 0 || line.indexOf('|') < line.indexOf(':'));
        String[] fields = line.split(piped ? "\\|" : ":", piped ? 3 : 8);
        MailboxName mailbox = mailbox(fields[0].strip());
        if (mailbox == null) {
            problems.add(where + fields[0] + " is no user (expected: user@domain, or --domain)");
            return;
        }
        String hash = fields.length < 2 ? "" : fields[1].strip();
        if (hash.startsWith("$")) {
            hash = "{CRYPT}" + hash;
        }
        String problem = !hash.startsWith("{")
                ? "no password hash with its scheme (expected: {SCHEME}hash)"
                : PasswordScheme.problem(hash);
        if (problem != null) {
            problems.add(where + mailbox + ": " + problem);
            return;
        }
        String extra = piped ? (fields.length == 3 ? fields[2] : "") : fields.length == 8 ? fields[7] : "";
        if (users.putIfAbsent(mailbox, new User(hash, extra.strip())) != null) {
            problems.add(where + mailbox + " is there twice; the first is used");
        }
    }

    private @Nullable MailboxName mailbox(String name) {
        return MailboxName.of(name.indexOf('@') < 0 && defaultDomain != null ? name + "@" + defaultDomain : name);
    }
}
