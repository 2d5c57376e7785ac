package org.mailserv.server.mailbox.maildir;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.mailserv.server.account.MailboxName;

/** The only place where a mailbox's name becomes a folder's. */
public final class MaildirLayout {
    private static final int MAX_NAME = 200;

    private final Path defaultFolder;
    private final Map<String, Path> domainFolders;

    /**
     * @param defaultFolder holds a folder for each domain that has none of its own
     * @param domainFolders folders of domains, by name in lower case
     */
    public MaildirLayout(Path defaultFolder, Map<String, Path> domainFolders) {
        this.defaultFolder = defaultFolder;
        this.domainFolders = Map.copyOf(domainFolders);
    }

    /** The folder with {@code tmp}, {@code new} and {@code cur} in it; always right below its domain's folder. */
    public Path folder(MailboxName mailbox) {
        return domainFolder(mailbox.domain()).resolve(safe(mailbox.localPart()));
    }

    /** The folder with the mailboxes of a domain. */
    public Path domainFolder(String domain) {
        Path own = domainFolders.get(domain);
        return own == null ? defaultFolder.resolve(safe(domain)) : own;
    }

    /** The folder that a domain's mailboxes share a file system with. */
    Path root(String domain) {
        return domainFolders.getOrDefault(domain, defaultFolder);
    }

    /**
     * A name that is a plain file name everywhere: letters in lower case, digits and a few signs as they are, all else as %XX. Different
     * names give different folders.
     */
    static String safe(String name) {
        StringBuilder safe = new StringBuilder(name.length());
        for (byte octet : name.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (octet & 0xFF);
            boolean plain =
                    c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '+' || c == '=';
            if (plain || c == '.' && safe.length() > 0) {
                safe.append(c);
            } else {
                safe.append('%').append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
            }
        }
        if (safe.length() == 0 || safe.length() > MAX_NAME) {
            throw new IllegalArgumentException("mailbox name: " + name.length() + " characters (expected: fewer)");
        }
        return safe.toString();
    }
}
