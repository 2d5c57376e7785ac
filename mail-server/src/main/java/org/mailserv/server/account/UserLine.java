package org.mailserv.server.account;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A line of the users file, of which single fields can be changed while the others stay as they were written. Immutable.
 *
 * @param name the user as written
 * @param fields the fields after the name, seven of them
 */
record UserLine(String name, List<String> fields) {
    private static final int FIELDS = 7;
    private static final int EXTRA = 6;

    UserLine {
        fields = List.copyOf(fields);
    }

    /** Returns the line of a new user. */
    static UserLine of(MailboxName mailbox, String hash) {
        return new UserLine(mailbox.toString(), List.of(hash, "", "", "", "", "", ""));
    }

    /** Parses a line; null for comments, blank lines and lines without a user. */
    static @Nullable UserLine parse(String line) {
        String text = line.strip();
        String[] parts = text.split(":", FIELDS + 1);
        if (text.startsWith("#") || parts.length < 2 || MailboxName.of(parts[0].strip()) == null) {
            return null;
        }
        List<String> fields = new ArrayList<>(Arrays.asList(parts).subList(1, parts.length));
        while (fields.size() < FIELDS) {
            fields.add("");
        }
        return new UserLine(parts[0].strip(), fields);
    }

    boolean isOf(MailboxName mailbox) {
        return mailbox.equals(MailboxName.of(name));
    }

    UserLine withPassword(String hash) {
        return with(0, hash);
    }

    /** Returns the line with or without Dovecot's field {@code nologin}. */
    UserLine withDisabled(boolean disabled) {
        List<String> words = words();
        words.removeIf(word -> fieldName(word).equals("nologin"));
        if (disabled) {
            words.add("nologin");
        }
        return with(EXTRA, String.join(" ", words));
    }

    boolean isDisabled() {
        return words().stream().anyMatch(word -> fieldName(word).equals("nologin"));
    }

    /**
     * Returns the line with another quota, which replaces every field that sets one.
     *
     * @param octets 0 for no limit
     * @param messages 0 for no limit
     */
    UserLine withQuota(long octets, long messages) {
        List<String> words = words();
        words.removeIf(word ->
                fieldName(word).matches("(userdb_)?(quota|quota_rule\\d*|quota_storage_size|quota_message_count)"));
        if (octets > 0 || messages > 0) {
            words.add("userdb_quota_rule=*" + (octets > 0 ? ":bytes=" + octets : "")
                    + (messages > 0 ? ":messages=" + messages : ""));
        }
        return with(EXTRA, String.join(" ", words));
    }

    /** Returns the value of an extra field, or null if the line does not have it. */
    @Nullable
    String extra(String field) {
        for (String word : words()) {
            if (fieldName(word).equals(field)) {
                return word.substring(Math.min(word.length(), word.indexOf('=') + 1));
            }
        }
        return null;
    }

    private List<String> words() {
        List<String> words =
                new ArrayList<>(Arrays.asList(fields.get(EXTRA).strip().split("\\s+")));
        words.removeIf(String::isEmpty);
        return words;
    }

    private static String fieldName(String word) {
        int equals = word.indexOf('=');
        return (equals < 0 ? word : word.substring(0, equals)).toLowerCase(Locale.ROOT);
    }

    private UserLine with(int index, String value) {
        List<String> changed = new ArrayList<>(fields);
        changed.set(index, value);
        return new UserLine(name, changed);
    }

    /** Returns the line as it is written to the file. */
    String text() {
        return name + ":" + String.join(":", fields);
    }
}
