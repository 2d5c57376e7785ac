package org.mailserv.server.mailbox.maildir;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.disk.FileNames;
import org.mailserv.server.spool.QueueId;

/**
 * File names in a Maildir: a unique part, and flags after a colon, {@code :2,FRS}. The unique part of this server's files is a queue id. After
 * {@code ,U=} it contains the unique id that an imported message had on its former server.
 */
public final class MaildirName {
    private static final String UID = ",U=";
    private static final int MAX_UID = 70;
    private static final String PLAIN = "._=+@-";

    private MaildirName() {}

    /** Returns the unique part, which stays the same when flags change. */
    public static String unique(String name) {
        int colon = name.indexOf(':');
        return colon < 0 ? name : name.substring(0, colon);
    }

    /** Returns the flags, or an empty string. */
    public static String flags(String name) {
        int info = name.indexOf(":2,");
        return info < 0 ? "" : name.substring(info + 3);
    }

    /** Returns the part that may be a queue id. */
    public static String id(String unique) {
        return unique.startsWith(UID, QueueId.LENGTH) ? unique.substring(0, QueueId.LENGTH) : unique;
    }

    /** Returns the unique part for an imported message that keeps its unique id. */
    public static String withUid(QueueId id, String uid) {
        StringBuilder name = new StringBuilder(id.toString()).append(UID);
        for (int i = 0; i < uid.length(); i++) {
            char c = uid.charAt(i);
            boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            if (letter || PLAIN.indexOf(c) >= 0) {
                name.append(c);
            } else {
                name.append('%').append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
            }
        }
        return name.toString();
    }

    /** Returns the unique id of a file: the one in its name, else its unique part, or a hash if POP3 does not allow that. RFC 1939, 7. */
    public static String uid(String fileName) {
        String unique = unique(fileName);
        if (unique.startsWith(UID, QueueId.LENGTH) && QueueId.tryParse(id(unique)) != null) {
            String uid = decoded(unique, QueueId.LENGTH + UID.length());
            if (uid != null && isUid(uid)) {
                return uid;
            }
        }
        return isUid(unique) ? unique : hash(unique);
    }

    /** Returns whether a text is a valid unique id: 1 to 70 characters from 0x21 to 0x7E. RFC 1939, 7. */
    public static boolean isUid(String text) {
        return text.length() <= MAX_UID && !text.isEmpty() && text.chars().allMatch(c -> c > 32 && c < 127);
    }

    private static @Nullable String decoded(String unique, int from) {
        int comma = unique.indexOf(',', from);
        int end = comma < 0 ? unique.length() : comma;
        StringBuilder uid = new StringBuilder();
        for (int i = from; i < end; i++) {
            char c = unique.charAt(i);
            if (c != '%') {
                uid.append(c);
                continue;
            }
            int high = i + 2 <= end - 1 ? Character.digit(unique.charAt(i + 1), 16) : -1;
            int low = i + 2 <= end - 1 ? Character.digit(unique.charAt(i + 2), 16) : -1;
            if (high < 0 || low < 0) {
                return null;
            }
            uid.append((char) (high << 4 | low));
            i += 2;
        }
        return uid.toString();
    }

    private static String hash(String unique) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(FileNames.octets(unique));
            return HexFormat.of().formatHex(hash, 0, 20);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
