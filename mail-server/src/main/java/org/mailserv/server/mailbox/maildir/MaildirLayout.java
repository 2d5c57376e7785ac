package org.mailserv.server.mailbox.maildir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.codec.address.LocalParts;
import org.mailserv.server.account.MailboxName;

/** The folders of domains and mailboxes. No other class turns a mailbox name into a path. */
public final class MaildirLayout {
    private static final int MAX_NAME = 200;
    private static final int KEPT_OF_LONG_NAME = 100;

    private final Path defaultFolder;
    private final Map<String, Path> domainFolders;
    /** The folders found for names that have more than one form. */
    private final Map<Path, Path> found = new ConcurrentHashMap<>();

    /**
     * @param defaultFolder the parent of the folders of domains that are not configured
     * @param domainFolders folders of domains, by canonical name
     */
    public MaildirLayout(Path defaultFolder, Map<String, Path> domainFolders) {
        this.defaultFolder = defaultFolder;
        this.domainFolders = new ConcurrentHashMap<>(domainFolders);
    }

    /**
     * Sets the folder of a domain that was not a local one before. Any thread.
     *
     * @param own null for the default one
     */
    public void addDomain(String domain, @Nullable Path own) {
        String canonical = DomainNames.canonical(domain);
        if (own == null) {
            domainFolders.remove(canonical);
        } else {
            domainFolders.put(canonical, own);
        }
    }

    /**
     * Returns the folder of a mailbox, with {@code tmp}, {@code new} and {@code cur} in it: a direct child of its domain's folder. A folder
     * created under another form of the name (with U-labels, decomposed) stays in use. Blocks at the first call for a name that has other
     * forms.
     *
     * @throws UncheckedIOException when the folders cannot be read
     */
    public Path folder(MailboxName mailbox) {
        return inUse(domainFolder(mailbox.domain()), mailbox.localPart(), LocalParts::canonical);
    }

    /** Returns the folder with the mailboxes of a domain, under the same rules as {@link #folder}. */
    public Path domainFolder(String domain) {
        String canonical = DomainNames.canonical(domain);
        Path own = domainFolders.get(canonical);
        return own == null ? inUse(defaultFolder, canonical, DomainNames::canonical) : own;
    }

    private Path inUse(Path parent, String name, UnaryOperator<String> canonical) {
        Path folder = parent.resolve(safe(name));
        boolean oneForm = !DomainNames.isInternationalized(name);
        return oneForm ? folder : found.computeIfAbsent(folder, key -> look(parent, key, name, canonical));
    }

    private static Path look(Path parent, Path folder, String name, UnaryOperator<String> canonical) {
        if (Files.exists(folder) || !Files.isDirectory(parent)) {
            return folder;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(parent)) {
            for (Path entry : entries) {
                String written = original(String.valueOf(entry.getFileName()));
                if (written != null && canonical.apply(written).equals(name)) {
                    return entry;
                }
            }
            return folder;
        } catch (IOException | DirectoryIteratorException e) {
            throw new UncheckedIOException(
                    parent + " cannot be read", e instanceof IOException io ? io : new IOException(e));
        }
    }

    /** Returns a folder on the file system of a domain's mailboxes. */
    Path root(String domain) {
        return domainFolders.getOrDefault(DomainNames.canonical(domain), defaultFolder);
    }

    /**
     * Returns a file name that is valid on every system: lower-case letters, digits and a few other characters as they are, all other octets
     * as %XX. Different names have different file names; one that would be too long is cut and completed by a hash.
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
        if (safe.length() == 0) {
            throw new IllegalArgumentException("mailbox name: empty (expected: at least one character)");
        }
        // No encoded octet starts with %-, so no short name can be the same.
        return safe.length() <= MAX_NAME ? safe.toString() : safe.substring(0, KEPT_OF_LONG_NAME) + "%-" + hash(name);
    }

    private static String hash(String name) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Returns the name that {@link #safe} has encoded, or null if it cannot have returned this. */
    private static @Nullable String original(String folder) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(folder.length());
        for (int i = 0; i < folder.length(); i++) {
            char c = folder.charAt(i);
            if (c >= 128) {
                return null;
            } else if (c != '%') {
                octets.write(c);
            } else if (i + 2 < folder.length()
                    && HexFormat.isHexDigit(folder.charAt(i + 1))
                    && HexFormat.isHexDigit(folder.charAt(i + 2))) {
                octets.write(HexFormat.fromHexDigits(folder, i + 1, i + 3));
                i += 2;
            } else {
                return null;
            }
        }
        return octets.toString(StandardCharsets.UTF_8);
    }
}
